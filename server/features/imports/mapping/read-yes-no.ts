const yes = new Set([
  "true",
  "t",
  "yes",
  "y",
  "1",
  "x",
  "ja",
  "j",
  "wahr",
  "on",
  "checked",
  "oui",
  "si",
  "sí",
  "✓",
  "✔",
]);
const no = new Set([
  "false",
  "f",
  "no",
  "n",
  "0",
  "nein",
  "falsch",
  "off",
  "unchecked",
  "non",
  "✗",
  "✘",
  "-",
]);

/** Reads a yes or no in the spellings of spreadsheets and exports; null when it is neither. */
export function readYesNo(text: string): boolean | null {
  const word = text.toLowerCase();
  if (yes.has(word)) return true;
  return no.has(word) ? false : null;
}
