import { Checkbox, NativeSelect, Popover, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { FilterButton } from "./filter-button.tsx";
import type { FilterMenuProps } from "./filter-menu-props.ts";
import { stages } from "./record-spec.ts";
import { filterCount } from "./records-search.ts";
import { useMembers } from "./use-records.ts";

/** Every filter of a list. */
export default function FilterMenuList({ spec, search, onSearch }: FilterMenuProps): ReactNode {
  const members = useMembers();
  const owners = [
    { value: "", label: "Anybody" },
    { value: "none", label: "Nobody" },
    ...members.map((member) => ({ value: member.id, label: member.name ?? member.email })),
  ];
  return (
    <Popover position="bottom-start" width={280} trapFocus withRoles defaultOpened>
      <Popover.Target>
        <FilterButton count={filterCount(search)} />
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

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
