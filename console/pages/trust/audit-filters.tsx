import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { DayInput } from "../../parts/day-input.tsx";
import { auditResources } from "./audit-resources.ts";
import type { AuditSearch } from "./audit-search.ts";

interface Props {
  readonly search: AuditSearch;
  readonly onSearch: (change: AuditSearch) => void;
  readonly onClear: () => void;
}

const severities = ["info", "notice", "warning", "critical"];

/** Who, what, on what, how grave, between which days. */
export function AuditFilters({ search, onSearch, onClear }: Props): ReactNode {
  const set = Object.keys(search).length > 0;
  return (
    <div className="rf-audit__filters" role="search" aria-label="Filter the trail">
      <Settled label="Who (e-mail)" value={search.actor} onValue={(actor) => onSearch({ actor })} />
      <Settled label="Action" value={search.action} onValue={(action) => onSearch({ action })} />
      <Pick
        label="On"
        values={auditResources}
        value={search.resourceType}
        onValue={(resourceType) => onSearch({ resourceType })}
      />
      <Pick
        label="Severity"
        values={severities}
        value={search.severity}
        onValue={(severity) => onSearch({ severity })}
      />
      <DayInput
        key={`from ${search.from}`}
        label="From"
        value={search.from ?? ""}
        onChange={(day) => onSearch({ from: day || undefined })}
      />
      <DayInput
        key={`to ${search.to}`}
        label="To"
        value={search.to ?? ""}
        onChange={(day) => onSearch({ to: day || undefined })}
      />
      {set && (
        <Button variant="subtle" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onValue: (value: string | undefined) => void;
}

function Settled({ label, value, onValue }: FieldProps): ReactNode {
  const [typed, setTyped] = useState(value ?? "");
  const settle = (): void => {
    const next = typed.trim() === "" ? undefined : typed.trim();
    if (next !== value) onValue(next);
  };
  return (
    <TextInput
      key={value}
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

function Pick({
  label,
  values,
  value,
  onValue,
}: FieldProps & { readonly values: readonly string[] }): ReactNode {
  const data = [
    { value: "", label: "Any" },
    ...values.map((one) => ({ value: one, label: one.replace(/[_-]/gu, " ") })),
  ];
  return (
    <NativeSelect
      label={label}
      data={data}
      value={value ?? ""}
      onChange={(event) => onValue(event.currentTarget.value || undefined)}
    />
  );
}
