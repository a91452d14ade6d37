import "./form-styles.ts";
import { NativeSelect, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { DayInput } from "../../parts/day-input.tsx";
import { DecimalInput } from "../../parts/decimal-input.tsx";
import { AccountPicker } from "./account-picker.tsx";
import { EntriesInput } from "./entries-input.tsx";
import type { InputProps } from "./input-props.ts";
import type { FieldSpec } from "./record-spec.ts";
import { useMembers } from "./use-records.ts";

const inputTypes: Readonly<Record<string, string>> = {
  email: "email",
  phone: "tel",
  url: "url",
};

/** The input of one field, chosen by its kind. */
export function FieldInput(props: InputProps): ReactNode {
  const { field, value, error, onChange } = props;
  const { label } = field;
  const common = { label, error, required: field.required === true };
  switch (field.kind) {
    case "choice":
      return (
        <NativeSelect
          {...common}
          data={choicesOf(field)}
          value={textOf(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "owner":
      return <OwnerInput {...props} />;
    case "account":
      return <AccountPicker {...props} />;
    case "tags":
      return (
        <TagsInput
          {...common}
          description="Press Enter after each"
          value={listOf(value)}
          onChange={onChange}
          maxTags={50}
        />
      );
    case "addresses":
    case "numbers":
      return <EntriesInput {...props} />;
    case "boolean":
      return (
        <Switch
          label={label}
          error={error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          styles={{ body: { marginTop: 24 } }}
        />
      );
    case "notes":
      return (
        <Textarea
          {...common}
          rows={5}
          value={textOf(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "date":
      return <DayInput {...common} value={textOf(value)} onChange={onChange} />;
    case "number":
      return (
        <DecimalInput
          {...common}
          value={typeof value === "number" ? value : null}
          onChange={(number) => onChange(number ?? "")}
        />
      );
    case "text":
    case "email":
    case "phone":
    case "url":
      return (
        <TextInput
          {...common}
          type={inputTypes[field.kind] ?? "text"}
          value={textOf(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
          autoComplete="off"
        />
      );
  }
}

function OwnerInput({ field, value, error, onChange }: InputProps): ReactNode {
  const members = useMembers();
  const data = [
    { value: "", label: "Nobody" },
    ...members.map((member) => ({ value: member.id, label: member.name ?? member.email })),
  ];
  return (
    <NativeSelect
      label={field.label}
      error={error}
      data={data}
      value={textOf(value)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function choicesOf(field: FieldSpec): { value: string; label: string }[] {
  const choices = (field.options ?? []).map((option) => ({
    value: option,
    label: option.charAt(0).toUpperCase() + option.slice(1),
  }));
  return field.required === true ? choices : [{ value: "", label: "None" }, ...choices];
}

/** A draft's value as an input shows it. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
