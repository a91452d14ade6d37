import type { Dialect } from "./read-record.ts";

/** Skips one record that is too long to keep, through as many pieces of text as it takes, remembering nothing of it. */
export interface Skipper {
  /** Gives the index after the record's line end, or -1 when it goes on after this piece. */
  readonly skip: (text: string, from: number) => number;
  readonly insideQuotes: () => boolean;
  readonly innerLines: () => number;
}

type State = "cell-start" | "plain" | "quoted" | "quote-in-quoted" | "stray";

/** Follows the same rules as `readRecord`, one character at a time, so that the next record is found where it would be. */
export function createSkipper(dialect: Dialect): Skipper {
  const lineEnd = dialect.lineEnd === "lf" ? "\n" : "\r";
  let state: State = "cell-start";
  let lines = 0;
  return {
    insideQuotes: () => state === "quoted",
    innerLines: () => lines,
    skip(text, from) {
      for (let at = from; at < text.length; at++) {
        const char = text.charAt(at);
        if (char === lineEnd) {
          if (state !== "quoted") return at + 1;
          lines++;
        } else {
          state = next(state, char, dialect.delimiter);
        }
      }
      return -1;
    },
  };
}

function next(state: State, char: string, delimiter: string): State {
  switch (state) {
    case "cell-start":
      if (char === '"') return "quoted";
      return char === delimiter || char === " " ? "cell-start" : "plain";
    case "plain":
      return char === delimiter ? "cell-start" : "plain";
    case "quoted":
      return char === '"' ? "quote-in-quoted" : "quoted";
    case "quote-in-quoted":
      if (char === '"') return "quoted";
      if (char === delimiter) return "cell-start";
      return char === " " || char === "\r" ? "quote-in-quoted" : "stray";
    // A quote that was not doubled: like a quoted cell, but it cannot reach beyond its line.
    case "stray":
      return char === '"' ? "quote-in-quoted" : "stray";
  }
}
