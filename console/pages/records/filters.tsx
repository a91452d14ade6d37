import { ActionIcon, Button, Checkbox, NativeSelect, Popover, TextInput } from "@mantine/core";
import { IconFilter, IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { filterCount, type RecordsSearch } from "./records-search.ts";
import { stages, type RecordSpec } from "./record-spec.ts";
import { useMembers } from "./use-records.ts";

export type ChangeSearch = (
  change: Partial<Record<keyof RecordsSearch, string | boolean | undefined>>,
) => void;

interface Props {
  readonly spec: RecordSpec;
  readonly search: RecordsSearch;
  readonly onSearch: ChangeSearch;
  readonly end: ReactNode;
}

/** Search and filters; what is set stands beside them and is one press from gone. */
export function Filters({ spec, search, onSearch, end }: Props): ReactNode {
  return (
    <div className="rf-filters" role="search" aria-label={`Find ${spec.many}`}>
      <SearchBox spec={spec} q={search.q ?? ""} onSearch={onSearch} />
      <FilterMenu spec={spec} search={search} onSearch={onSearch} />
      <SetFilters search={search} onSearch={onSearch} />
      <span className="rf-row" style={{ marginLeft: "auto" }}>
        {end}
      </span>
    </div>
  );
}

/** Waits until the person pauses, so that not every letter becomes a request and an entry in the history. */
function SearchBox({
  spec,
  q,
  onSearch,
}: {
  readonly spec: RecordSpec;
  readonly q: string;
  readonly onSearch: ChangeSearch;
}): ReactNode {
  const [typed, setTyped] = useState(q);
  const sent = useRef(q);
  useEffect(() => {
    if (q !== sent.current) setTyped(q);
    sent.current = q;
  }, [q]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const next = typed.trim();
      if (next === sent.current) return;
      sent.current = next;
      onSearch({ q: next === "" ? undefined : next });
    }, 180);
    return () => clearTimeout(timer);
  }, [typed, onSearch]);
  return (
    <TextInput
      className="rf-filters__search"
      data-filters
      type="search"
      aria-label={`Search ${spec.many}`}
      placeholder={spec.kind === "contacts" ? "Name, e-mail or phone" : "Name, domain or phone"}
      leftSection={<IconSearch size={15} />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

function FilterMenu({ spec, search, onSearch }: Omit<Props, "end">): ReactNode {
  const members = useMembers();
  const count = filterCount(search);
  const owners = [
    { value: "", label: "Anybody" },
    { value: "none", label: "Nobody" },
    ...members.map((member) => ({ value: member.id, label: member.name ?? member.email })),
  ];
  return (
    <Popover position="bottom-start" width={280} trapFocus withRoles>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={15} />}>
          {count === 0 ? "Filter" : `Filter (${count})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filters">
        <div className="rf-filter-form">
          {spec.kind === "contacts" && (
            <NativeSelect
              label="Stage"
              data={[
                { value: "", label: "Any" },
                ...stages.map((stage) => ({ value: stage, label: capital(stage) })),
              ]}
              value={search.stage ?? ""}
              onChange={(event) => onSearch({ stage: event.currentTarget.value || undefined })}
            />
          )}
          <NativeSelect
            label="Owner"
            data={owners}
            value={search.ownerId ?? ""}
            onChange={(event) => onSearch({ ownerId: event.currentTarget.value || undefined })}
          />
          {spec.kind === "contacts" && (
            <Settled label="Source" value={search.source} onValue={(source) => onSearch({ source })} />
          )}
          <Settled label="Tag" value={search.tag} onValue={(tag) => onSearch({ tag })} />
          <Checkbox
            label={`Show archived ${spec.many} instead`}
            checked={search.archived === true}
            onChange={(event) => onSearch({ archived: event.currentTarget.checked ? true : undefined })}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A text that filters when the person leaves it or presses Enter. */
function Settled({
  label,
  value,
  onValue,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onValue: (value: string | undefined) => void;
}): ReactNode {
  const [typed, setTyped] = useState(value ?? "");
  const settle = (): void => onValue(typed.trim() === "" ? undefined : typed.trim());
  return (
    <TextInput
      label={label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle();
      }}
    />
  );
}

function SetFilters({ search, onSearch }: Pick<Props, "search" | "onSearch">): ReactNode {
  const members = useMembers();
  const owner = members.find((member) => member.id === search.ownerId);
  const set: readonly (readonly [keyof RecordsSearch, string, string])[] = [
    ["stage", "Stage", capital(search.stage ?? "")],
    [
      "ownerId",
      "Owner",
      search.ownerId === "none" ? "Nobody" : (owner?.name ?? owner?.email ?? "One member"),
    ],
    ["accountId", "Account", "one account"],
    ["source", "Source", search.source ?? ""],
    ["tag", "Tag", search.tag ?? ""],
    ["archived", "Archived", "only"],
  ];
  return set
    .filter(([name]) => search[name] !== undefined)
    .map(([name, label, text]) => (
      <span key={name} className="rf-filter">
        {label} <b className="rf-clip">{text}</b>
        <ActionIcon
          variant="transparent"
          color="gray"
          size={22}
          aria-label={`Remove the filter ${label}`}
          onClick={() => onSearch({ [name]: undefined })}
        >
          <IconX size={13} />
        </ActionIcon>
      </span>
    ));
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
