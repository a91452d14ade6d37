import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ProblemKey, problems } from "../../contract/problem.ts";
import { adviceOn } from "./problem-page.ts";

const folder = new URL("../../docs/problems/", import.meta.url);
const entries = Object.entries(problems);

test("every problem has a page, and every page a problem", () => {
  const pages = readdirSync(folder).toSorted();
  expect(pages).toEqual(entries.map(([key]) => `${key}.md`).toSorted());
});

describe.each(entries)("the page of %s", (key, { status, title }) => {
  const page = (): string => readFileSync(new URL(`${key}.md`, folder), "utf8");

  test("begins with what the catalogue says", () => {
    expect(page().startsWith(`# ${title}\n\nProblem \`${key}\`, status ${status}\n\n`)).toBe(true);
  });

  test("says what happened, why, and what to do", () => {
    const headings = [...page().matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(["What happened", "Why", "What to do"]);
    // The key comes from the catalogue itself.
    expect(adviceOn(key as ProblemKey)?.length).toBeGreaterThan(60);
  });

  test("links only to pages that exist", () => {
    for (const [, target = ""] of page().matchAll(/\]\(([^)]+)\)/g)) {
      expect(Object.keys(problems).map((one) => `/problems/${one}`)).toContain(target);
    }
  });
});
