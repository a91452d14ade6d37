import { ActionIcon, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { lazy, useEffect, useRef, useState, type ReactNode } from "react";
import { OnDemand } from "../../parts/on-demand.tsx";
import { FilterButton } from "./filter-button.tsx";
import type { ChangeSearch, FilterMenuProps } from "./filter-menu-props.ts";
import { filterCount, type RecordsSearch } from "./records-search.ts";
import type { RecordSpec } from "./record-spec.ts";
import { useMembers } from "./use-records.ts";

const FilterMenuList = lazy(() => import("./filter-menu-list.tsx"));

interface Props extends FilterMenuProps {
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

function FilterMenu(props: FilterMenuProps): ReactNode {
  const count = filterCount(props.search);
  return (
    <OnDemand renderButton={(open) => <FilterButton count={count} onClick={open} />}>
      <FilterMenuList {...props} />
    </OnDemand>
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
