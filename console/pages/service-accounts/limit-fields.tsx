import { NativeSelect, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useRoles } from "../people/use-roles.ts";
import { lifetimes } from "../settings/key-limits.ts";
import type { LimitsForm } from "./use-key-limits.ts";

interface Props {
  readonly form: LimitsForm;
  /** What the server said about each field. */
  readonly faults: Readonly<Record<string, string>>;
  readonly nameHint: string;
}

/** Name and limits of a new key: what it may at most, from where, and for how long. */
export function LimitFields({ form: { entered, change }, faults, nameHint }: Props): ReactNode {
  const roles = useRoles();
  return (
    <>
      <TextInput
        label="Name"
        description={nameHint}
        required
        maxLength={100}
        data-autofocus
        value={entered.name}
        error={faults["name"]}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <NativeSelect
        label="May do"
        data={[
          { value: "", label: "Whatever the account may" },
          ...roles.map(({ name, label }) => ({ value: name, label: `Of that, what a ${label ?? name} may` })),
        ]}
        value={entered.role}
        error={faults["permissions"]}
        onChange={(event) => change({ role: event.currentTarget.value })}
      />
      <TextInput
        label="Only from these networks"
        description="Such as 203.0.113.0/24; empty for any"
        value={entered.networks}
        error={faults["networks"]}
        onChange={(event) => change({ networks: event.currentTarget.value })}
      />
      <NativeSelect
        label="Runs out after"
        data={[...lifetimes]}
        value={entered.days}
        error={faults["expiresAt"]}
        onChange={(event) => change({ days: event.currentTarget.value })}
      />
    </>
  );
}
