import { TextInput } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { decimalInput, readDecimal } from "../format/decimals.ts";
import { useHere } from "../frame/here.tsx";

interface Props {
  readonly label: string;
  readonly value: number | null;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly onChange: (value: number | null) => void;
}

/** A number with the decimal sign of the organization's locale; the browser's own number input would take that of the browser. */
export function DecimalInput({ label, value, error, required = false, onChange }: Props): ReactNode {
  const { locale } = useHere().formats.region;
  const [typed, setTyped] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const example = decimalInput(locale, 1234.5);
  const wrong = typed !== null && typed.trim() !== "" && readDecimal(locale, typed) === null;
  const take = (text: string): void => {
    setTyped(text);
    const empty = text.trim() === "";
    const read = empty ? null : readDecimal(locale, text);
    input.current?.setCustomValidity(empty || read !== null ? "" : `Write a number such as ${example}`);
    if (empty || read !== null) onChange(read);
  };
  return (
    <TextInput
      ref={input}
      label={label}
      required={required}
      inputMode="decimal"
      autoComplete="off"
      value={typed ?? (value === null ? "" : decimalInput(locale, value))}
      error={error ?? (wrong ? `A number such as ${example}` : undefined)}
      onChange={(event) => take(event.currentTarget.value)}
      onBlur={() => {
        if (!wrong) setTyped(null);
      }}
    />
  );
}
