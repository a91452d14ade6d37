import { useCallback, useState } from "react";
import { readChoice, type ColumnChoice, type ColumnFacts } from "./column-choice.ts";

export type ChangeChoice = (change: (choice: ColumnChoice) => ColumnChoice) => void;

/** A person's column choice for one table, kept in this browser. */
export function useColumnChoice(
  key: string,
  columns: readonly ColumnFacts[],
): readonly [ColumnChoice, ChangeChoice, () => void] {
  const storageKey = `ringfence.columns.${key}`;
  const [saved, setSaved] = useState(() => localStorage.getItem(storageKey));
  const choice = readChoice(saved, columns);
  const change = useCallback<ChangeChoice>(
    (step) => {
      const text = JSON.stringify(step(readChoice(localStorage.getItem(storageKey), columns)));
      localStorage.setItem(storageKey, text);
      setSaved(text);
    },
    [storageKey, columns],
  );
  const reset = useCallback(() => {
    localStorage.removeItem(storageKey);
    setSaved(null);
  }, [storageKey]);
  return [choice, change, reset];
}
