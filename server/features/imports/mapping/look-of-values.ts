/** What most of a column's values look like; used where the header says nothing, or says something else. */
export interface Look {
  readonly filled: number;
  readonly emails: number;
  readonly phones: number;
  readonly urls: number;
}

const email = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}$/;
const phone = /^(?:\+|00|0|\()[\d\s()./-]{6,20}$/;
const url = /^(?:https?:\/\/|www\.)\S+\.\S+$/i;

/** Looks through the sample rows for one column. */
export function lookOfValues(samples: readonly (readonly string[])[], column: number): Look {
  const values = samples.map((row) => (row[column] ?? "").trim()).filter((value) => value !== "");
  const count = (pattern: RegExp): number =>
    values.filter((value) => pattern.test(value.split(/ ::: |[;,]/)[0] ?? "")).length;
  return { filled: values.length, emails: count(email), phones: count(phone), urls: count(url) };
}

/** More than half, of at least one. */
export function mostly(part: number, look: Look): boolean {
  return part * 2 > look.filled;
}
