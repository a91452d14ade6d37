import { readFileSync } from "node:fs";
import type { ProblemKey } from "../../contract/problem.ts";

const folder = new URL("../../docs/problems/", import.meta.url);

/** What the page of a problem advises, or null when the pages are not installed. */
export function adviceOn(key: ProblemKey): string | null {
  try {
    const page = readFileSync(new URL(`${key}.md`, folder), "utf8");
    return /^## What to do\n+([^]*?)(?=\n## |$(?![^]))/m.exec(page)?.[1]?.trim() ?? null;
  } catch {
    return null;
  }
}
