import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { drawHouse } from "./drawing.ts";
import { describeHouse } from "./page.ts";
import { idleDoors, survey } from "./survey.ts";

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

const plan = {
  floors: [
    {
      name: "contract",
      says: "words",
      rooms: [{ name: "contract", at: "contract", does: "Words.", open: true }],
    },
    {
      name: "foundation",
      says: "ground",
      rooms: [
        { name: "clock", at: "server/clock", does: "Time." },
        { name: "log", at: "server/log", does: "Log.", doors: ["clock"] },
      ],
    },
    { name: "features", says: "rooms", rooms: [{ name: "crm", at: "server/crm", does: "People." }] },
    {
      name: "faces",
      says: "browser",
      rooms: [{ name: "console", at: "console", does: "Console.", only: ["contract"] }],
    },
    { name: "workshop", says: "tests", free: true, rooms: [{ name: "tests", at: "tests", does: "Tests." }] },
  ],
  packages: { pg: ["log"], "@node-rs/*": ["log"], "node:crypto": ["clock"], react: ["console"] },
  guarded: {
    fetch: { rooms: ["console"], why: "one way out" },
    "process.env": { rooms: ["log"], why: "one reader" },
    "the time": { rooms: ["clock"], why: "one clock" },
    "Math.random": { rooms: [], why: "guessable" },
    crypto: { rooms: ["clock"], why: "two rooms" },
  },
};

const sound = {
  "contract/problem.ts": "export const problems = {};\n",
  "server/clock/index.ts": 'export { now } from "./now.ts";\n',
  "server/clock/now.ts": "export const now = () => new Date();\n",
  "server/log/index.ts": 'import { now } from "../clock/index.ts";\nexport const log = () => now();\n',
  "server/crm/index.ts":
    'import { problems } from "../../contract/problem.ts";\nexport const crm = problems;\n',
};

/** The faults of a sound little house into which these files are put. */
function faultsWith(files: Record<string, string>, written: unknown = plan): readonly string[] {
  return survey(plant({ ...sound, ...files }, written)).faults;
}

function plant(files: Record<string, string>, written: unknown = plan): string {
  const root = mkdtempSync(join(tmpdir(), "house-"));
  trees.push(root);
  for (const [path, text] of Object.entries({ ...files, "tools/floors.json": JSON.stringify(written) })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("a sound house has no fault", () => {
  expect(faultsWith({})).toEqual([]);
});

test("a walk that sees no modules does not pass", () => {
  expect(survey(plant({ "contract/a.ts": "export const a = 1;\n" })).faults).toEqual([
    "saw no modules in server/; nothing was checked",
  ]);
});

test("a file that does not parse does not pass", () => {
  expect(() => faultsWith({ "server/crm/broken.ts": "export const = ;" })).toThrow(
    /server\/crm\/broken\.ts does not parse/,
  );
});

describe("imports", () => {
  test.each([
    ["a static import", 'import { crm } from "../crm/index.ts";\nexport const a = crm;\n'],
    ["a type import", 'import type { X } from "../crm/index.ts";\nexport type Y = X;\n'],
    ["a re-export", 'export * from "../crm/index.ts";\n'],
    ["a dynamic import", 'export const a = () => import("../crm/index.ts");\n'],
    ["an import type", 'export type A = typeof import("../crm/index.ts");\n'],
  ])("%s may not reach up", (_, text) => {
    expect(faultsWith({ "server/log/bad.ts": text })[0]).toMatch(
      /^server\/log\/bad\.ts:1 reaches up to server\/crm\/index\.ts/,
    );
  });

  test("sideways needs a listed door", () => {
    expect(faultsWith({ "server/clock/bad.ts": 'import "../log/index.ts";\n' })[0]).toMatch(
      /has no door to log/,
    );
  });

  test("a room is entered through its front door", () => {
    expect(faultsWith({ "server/crm/bad.ts": 'import "../clock/now.ts";\n' })).toEqual([
      "server/crm/bad.ts:1 enters clock beside its front door: server/clock/now.ts instead of server/clock/index.ts",
    ]);
  });

  test("the console enters the contract only", () => {
    expect(faultsWith({ "console/main.tsx": 'import "../server/log/index.ts";\n' })).toEqual([
      "console/main.tsx:1 enters log; console may enter contract only",
    ]);
  });

  test("what is imported must be known before it runs, and be there", () => {
    const text = 'export const load = (name: string) => import(name);\nimport "./gone.ts";\n';
    expect(faultsWith({ "server/crm/bad.ts": text })).toEqual([
      "server/crm/bad.ts:1 imports what cannot be known before it runs; write the path out",
      "server/crm/bad.ts:2 imports ./gone.ts, which is not there",
    ]);
  });

  test("files may not form a circle, not even by types", () => {
    const faults = faultsWith({
      "server/crm/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;\n',
      "server/crm/b.ts": 'import type { A } from "./a.ts";\nexport type B = A;\n',
    });
    expect(faults).toEqual(["files form a circle: server/crm/a.ts → server/crm/b.ts → server/crm/a.ts"]);
  });

  test("rooms may not form a circle, even where no two files do", () => {
    const doors = structuredClone(plan);
    doors.floors[1]?.rooms.splice(
      0,
      2,
      { name: "clock", at: "server/clock", does: "T", doors: ["log"] },
      { name: "log", at: "server/log", does: "L", doors: ["clock"] },
    );
    const faults = faultsWith({ "server/clock/other.ts": 'import "../log/index.ts";\n' }, doors);
    expect(faults).toContain("rooms form a circle: clock → log → clock");
    expect(faults).toContain("the plan: sideways doors form a circle: clock → log → clock");
  });

  test("a test may enter its helpers, but no room above its own", () => {
    const files = { "tests/proves.ts": "export const proves = 1;\n" };
    expect(
      faultsWith({
        ...files,
        "server/log/log.test.ts": 'import "../../tests/proves.ts";\nimport "vitest";\n',
      }),
    ).toEqual([]);
    expect(faultsWith({ "server/log/log.test.ts": 'import "../crm/index.ts";\n' })[0]).toMatch(/reaches up/);
    expect(faultsWith({ ...files, "server/log/bad.ts": 'import "../../tests/proves.ts";\n' })[0]).toMatch(
      /reaches up/,
    );
  });

  test("a source file outside of every room is a fault", () => {
    expect(faultsWith({ "server/attic/old.ts": "export const a = 1;\n" })).toEqual([
      "server/attic/old.ts stands in no room; give it one in tools/floors.json",
    ]);
  });
});

describe("packages", () => {
  test.each([
    ['import pg from "pg";', "uses pg, which lives in log"],
    ['import type { Pool } from "pg/lib/pool";', "uses pg, which lives in log"],
    ['import { hash } from "@node-rs/argon2";', "uses @node-rs/argon2, which lives in log"],
    ['import { createHash } from "node:crypto";', "uses node:crypto, which lives in clock"],
    ['import left from "left-pad";', "uses left-pad, which tools/floors.json gives to no room"],
  ])("%s is refused outside of its room", (text, fault) => {
    expect(faultsWith({ "server/crm/bad.ts": `${text}\nexport const a = 1;\n` })).toEqual([
      `server/crm/bad.ts:1 ${fault}`,
    ]);
  });

  test("a package is welcome in its room, and Node's harmless modules everywhere", () => {
    expect(faultsWith({ "server/log/good.ts": 'import "pg";\nimport "node:path";\n' })).toEqual([]);
  });
});

describe("globals", () => {
  test.each([
    ["fetch('x')", "fetch"],
    ["globalThis.fetch", "fetch"],
    ["[fetch]", "fetch"],
    ["process.env['A']", "process.env"],
    ["(({ env }) => env)(process)", "process.env"],
    ["Date.now()", "the time"],
    ["new Date()", "the time"],
    ["Date()", "the time"],
    ["performance.now()", "the time"],
    ["process.hrtime()", "the time"],
    ["Math.random()", "Math.random"],
    ["(({ random }) => random())(Math)", "Math.random"],
    ["crypto.randomUUID()", "crypto"],
  ])("%s is refused outside of its rooms", (text, what) => {
    const faults = faultsWith({ "server/crm/bad.ts": `export const a = ${text};\n` });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`server/crm/bad.ts:1 touches ${what}:`);
  });

  test.each([
    "new Date(0)",
    "process.pid",
    "Math.max(1, 2)",
    "({ fetch: 1 }).fetch",
    "(x: unknown) => x instanceof Date",
    "(x: Date): Date => x",
    "(valueOf: number, constructor: number) => valueOf + constructor",
  ])("%s is harmless", (text) => {
    expect(faultsWith({ "server/crm/good.ts": `export const a = ${text};\n` })).toEqual([]);
  });

  test("tests may move the clock and guess", () => {
    expect(faultsWith({ "server/crm/a.test.ts": "export const a = Date.now() + Math.random();\n" })).toEqual(
      [],
    );
  });
});

describe("letters and names", () => {
  test.each([
    ["a hyphen that is none, in a header name", 'export const a = "X\u2011Forwarded-For";\n'],
    ["a Cyrillic letter in a Latin word", 'export const a = "p\u0430ypal";\n'],
    ["a Greek letter in an identifier", "export const \u03b1 = 1;\n"],
    ["a right-to-left override in a comment", "// \u202e\nexport const a = 1;\n"],
    ["a no-break space in code", "export const\u00a0a = 1;\n"],
  ])("%s is refused", (_, text) => {
    expect(faultsWith({ "server/crm/bad.ts": text })).toHaveLength(1);
  });

  test("texts for people may use the letters of people", () => {
    const text =
      '// As in \u00a7 4 \u2014 see below\nexport const a = "Zo\u00eb \u2192 \u041c\u043e\u0441\u043a\u0432\u0430\u2026";\nexport const b = { \u00e4: /\u00e4/ };\n';
    expect(faultsWith({ "server/crm/good.ts": text })).toEqual([]);
  });

  test("prose and SQL are read too", () => {
    expect(
      faultsWith({ "docs/a.md": "In\u00advisible\n", "server/crm/a.sql": "select '\u200b';\n" }),
    ).toHaveLength(2);
  });

  test.each([
    "server/crm/utils.ts",
    "server/crm/types.ts",
    "server/crm/helpers/a.ts",
    "server/crm/bigName.ts",
    "server/crm/a.service.ts",
  ])("%s is no name", (path) => {
    expect(faultsWith({ [path]: "export const a = 1;\n" })).toHaveLength(1);
  });
});

test("the drawing shows each room that holds files, and each door in use", () => {
  const found = survey(plant(sound));
  const drawing = drawHouse(found);
  expect(drawing).toContain(">crm</text>");
  expect(drawing).not.toContain(">console</text>");
  expect(drawing).toContain("<title>log enters clock</title>");
  expect(describeHouse(found)).toContain("| log | Log. | 1 | < 100 | clock |");
  expect(drawHouse(survey(plant(sound)))).toBe(drawing);
});

test("a listed door that nobody uses is named", () => {
  expect(idleDoors(survey(plant(sound)))).toEqual([]);
  const closed = { ...sound, "server/log/index.ts": "export const log = 1;\n" };
  expect(idleDoors(survey(plant(closed)))).toEqual(["log → clock"]);
});
