import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { emailKinds, phoneKinds } from "../../../contract/import.ts";
import type { InputProps } from "./input-props.ts";

type Entry = Readonly<Record<string, string>>;

/** Further addresses or numbers, each with its kind. */
export function EntriesInput({ field, value, error, onChange }: InputProps): ReactNode {
  const part = field.kind === "addresses" ? "address" : "number";
  const kinds = field.kind === "addresses" ? emailKinds : phoneKinds;
  const entries = entriesOf(value);
  const set = (index: number, change: Entry): void =>
    onChange(entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry)));
  return (
    <fieldset className="rf-entries">
      <legend>{field.label}</legend>
      {entries.map((entry, index) => (
        <div key={index} className="rf-row">
          <TextInput
            className="rf-grow"
            aria-label={`${field.label}, ${index + 1}`}
            type={part === "address" ? "email" : "tel"}
            value={entry[part] ?? ""}
            onChange={(event) => set(index, { [part]: event.currentTarget.value })}
          />
          <NativeSelect
            aria-label={`Kind of ${field.label.toLowerCase()}, ${index + 1}`}
            data={withOwn(kinds, entry["kind"])}
            value={entry["kind"] ?? kinds[0]}
            onChange={(event) => set(index, { kind: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${field.label.toLowerCase()}, ${index + 1}`}
            onClick={() => onChange(entries.filter((_entry, at) => at !== index))}
          >
            <IconX size={15} />
          </ActionIcon>
        </div>
      ))}
      {error !== undefined && <p className="rf-entries__error">{error}</p>}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...entries, { kind: kinds[0], [part]: "" }])}
      >
        Add one
      </Button>
    </fieldset>
  );
}

function entriesOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? (value as readonly Entry[]) : []; // as: drafts hold what the server's schema declared
}

function withOwn(kinds: readonly string[], own: string | undefined): string[] {
  return own === undefined || kinds.includes(own) ? [...kinds] : [...kinds, own];
}
