import "./day-input.css";
import { ActionIcon, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useRef, useState, type ReactNode } from "react";
import { dayInFigures, readDay } from "../format/plain-days.ts";
import { useHere } from "../frame/here.tsx";

interface Props {
  readonly label: string;
  /** As 2026-03-14; empty for none. */
  readonly value: string;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly onChange: (day: string) => void;
}

/**
 * A day, typed in the order of the organization's locale or picked from the browser's calendar.
 *
 * The browser's own date input would show the day in the browser's order: 03/04 would be another day for a colleague.
 */
export function DayInput({ label, value, error, required = false, onChange }: Props): ReactNode {
  const { locale } = useHere().formats.region;
  const [typed, setTyped] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const example = dayInFigures(locale, "2026-12-31");
  const fault =
    typed === null || typed.trim() === "" || readDay(locale, typed) !== null
      ? ""
      : `A day such as ${example}`;
  const take = (text: string): void => {
    setTyped(text);
    const day = text.trim() === "" ? "" : readDay(locale, text);
    input.current?.setCustomValidity(day === null ? `Write a day such as ${example}` : "");
    if (day !== null && day !== value) onChange(day);
  };
  return (
    <TextInput
      ref={input}
      label={label}
      required={required}
      placeholder={example}
      autoComplete="off"
      value={typed ?? dayInFigures(locale, value)}
      error={error ?? (fault === "" ? undefined : fault)}
      onChange={(event) => take(event.currentTarget.value)}
      onBlur={() => {
        if (fault === "") setTyped(null);
      }}
      rightSection={
        <Calendar label={label} value={value} onPick={(day) => take(day && dayInFigures(locale, day))} />
      }
    />
  );
}

/** The browser's own calendar, behind a button. */
function Calendar({
  label,
  value,
  onPick,
}: {
  readonly label: string;
  readonly value: string;
  readonly onPick: (day: string) => void;
}): ReactNode {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <span className="rf-day">
      <ActionIcon
        variant="subtle"
        color="gray"
        size={26}
        aria-label={`Pick the day: ${label}`}
        onClick={() => picker.current?.showPicker()}
      >
        <IconCalendar size={16} stroke={1.7} />
      </ActionIcon>
      <input
        ref={picker}
        type="date"
        className="rf-day__picker"
        aria-hidden
        tabIndex={-1}
        value={value}
        onChange={(event) => onPick(event.currentTarget.value)}
      />
    </span>
  );
}
