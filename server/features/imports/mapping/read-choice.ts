import type { Choice } from "./import-defaults.ts";
import { headerWords } from "./header-words.ts";

/** What other systems call the stages of a contact; used only for stages that the organization has. */
const stageWords: Readonly<Record<string, readonly string[]>> = {
  lead: ["subscriber", "marketing qualified lead", "mql", "prospect", "new", "neu", "interessent"],
  open: [
    "sales qualified lead",
    "sql",
    "opportunity",
    "in progress",
    "connected",
    "open deal",
    "working",
    "offen",
  ],
  customer: ["client", "kunde", "kundin", "evangelist", "won", "closed won", "bestandskunde"],
  former: ["former customer", "ex customer", "churned", "lost", "ehemaliger kunde", "ehemalig"],
};

/** Finds the choice that a text names, whatever its case, accents and separators; null when there is none. */
export function choiceReader(choices: readonly Choice[]): (text: string) => string | null {
  const values = new Map<string, string>();
  for (const { value, alsoWritten = [] } of choices) {
    for (const written of [value, ...alsoWritten]) values.set(headerWords(written), value);
  }
  return (text) => values.get(text.toLowerCase()) ?? values.get(headerWords(text)) ?? null;
}

/** The organization's stages with the words that other systems use for them; its own words go before those. */
export function withStageWords(stages: readonly Choice[]): Choice[] {
  const own = new Set(
    stages.flatMap(({ value, alsoWritten = [] }) => [value, ...alsoWritten].map(headerWords)),
  );
  return stages.map(({ value, alsoWritten = [] }) => {
    const others = Object.hasOwn(stageWords, value) ? (stageWords[value] ?? []) : [];
    return { value, alsoWritten: [...alsoWritten, ...others.filter((word) => !own.has(word))] };
  });
}
