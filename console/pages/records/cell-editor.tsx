import { useId, useRef, useState, type ComponentProps, type KeyboardEvent, type ReactNode } from "react";
import type { AfterEdit } from "../../parts/table/cell-editing.ts";
import type { FieldSpec } from "./record-spec.ts";
import { useMembers } from "./use-records.ts";

interface Props {
  readonly field: FieldSpec;
  /** Whose field it is, by name. */
  readonly of: string;
  readonly text: string;
  readonly fault: string | null;
  readonly onSave: (value: string, after: AfterEdit) => void;
  readonly onCancel: () => void;
}

const inputTypes: Readonly<Record<string, string>> = { email: "email", phone: "tel", url: "url" };

/** The input in a cell: Enter, Tab or leaving it saves, Escape gives up. */
export function CellEditor({ field, of, text, fault, onSave, onCancel }: Props): ReactNode {
  const [value, setValue] = useState(text);
  const ended = useRef(false);
  const faultId = useId();
  // The input's going away counts as leaving it in some browsers.
  const end = (act: () => void): void => {
    if (ended.current) return;
    ended.current = true;
    act();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const after = afterKey(event);
    if (after === null) return;
    event.preventDefault();
    end(() => (after === "cancel" ? onCancel() : onSave(value, after)));
  };
  const common = {
    className: "rf-cell-input",
    "aria-label": `${field.label} of ${of}`,
    "aria-invalid": fault !== null,
    "aria-describedby": fault === null ? undefined : faultId,
    autoFocus: true,
    value,
    onKeyDown,
    onBlur: () => end(() => onSave(value, "elsewhere")),
  };
  return (
    <>
      {field.kind === "choice" || field.kind === "owner" ? (
        <Choices {...common} field={field} onChange={(event) => setValue(event.currentTarget.value)} />
      ) : (
        <input
          {...common}
          type={inputTypes[field.kind] ?? "text"}
          autoComplete="off"
          onChange={(event) => setValue(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
      {fault !== null && (
        <span id={faultId} role="alert" className="rf-cell-fault">
          {fault}
        </span>
      )}
    </>
  );
}

function Choices({ field, ...rest }: ComponentProps<"select"> & { readonly field: FieldSpec }): ReactNode {
  const members = useMembers();
  const options =
    field.kind === "owner"
      ? members.map((member) => ({ value: member.id, label: member.name ?? member.email }))
      : (field.options ?? []).map((option) => ({
          value: option,
          label: option.charAt(0).toUpperCase() + option.slice(1),
        }));
  return (
    <select {...rest}>
      {field.required !== true && <option value="">{field.kind === "owner" ? "Nobody" : "None"}</option>}
      {options.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function afterKey({ key, shiftKey, nativeEvent }: KeyboardEvent): AfterEdit | "cancel" | null {
  // Enter and Escape that an input method takes for itself are not meant for us.
  if (nativeEvent.isComposing) return null;
  if (key === "Enter") return "stay";
  if (key === "Escape") return "cancel";
  if (key === "Tab") return shiftKey ? "previous" : "next";
  return null;
}
