import type { FieldSpec } from "./record-spec.ts";

/** What every input of a record form is given. */
export interface InputProps {
  readonly field: FieldSpec;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly onChange: (value: unknown) => void;
}
