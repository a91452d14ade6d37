/** One column of a file, under a name that no other column of it has. */
export interface Column {
  /** From 0. */
  readonly index: number;
  readonly name: string;
  /** The header cell as it stood in the file; null when the file has no header row. */
  readonly written: string | null;
}

const nameCharsMax = 200;
const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const bareValue = /^[+\-(]?\d[\d\s.,:/()+-]*$/;

/** True unless the first row looks like data: an e-mail address in it, or mostly numbers and dates. */
export function looksLikeHeader(cells: readonly string[]): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
  if (filled.length === 0 || filled.some((cell) => email.test(cell))) return false;
  return filled.filter((cell) => bareValue.test(cell)).length * 3 < filled.length;
}

/** Gives every column a name: empty ones become "Column 3", repeated ones "Email (2)". */
export function nameColumns(cells: readonly string[], isHeader: boolean): Column[] {
  const taken = new Set<string>();
  return cells.map((cell, index) => {
    const wanted = (isHeader ? tidyName(cell) : "") || `Column ${index + 1}`;
    let name = wanted;
    for (let again = 2; taken.has(name.toLowerCase()); again++) name = `${wanted} (${again})`;
    taken.add(name.toLowerCase());
    return { index, name, written: isHeader ? cell : null };
  });
}

function tidyName(cell: string): string {
  const name = cell
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, " ")
    .trim();
  return Array.from(name).slice(0, nameCharsMax).join("").trim();
}
