import { Type } from "@sinclair/typebox";
import { describe, expect, test } from "vitest";
import { readConfig } from "../foundation/config/index.ts";
import { PostgresRefusal } from "../foundation/postgres/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { InstallRefused } from "../kernel/install/index.ts";
import { type Command, command, json, type Listed } from "./command.ts";
import { commands as shipped } from "./commands.ts";
import { runCli } from "./run-cli.ts";

const key = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 3)).toString("base64");

function throwing(name: string, thrown: () => unknown): Command {
  return command({
    name,
    options: Type.Object({ json }),
    run: () => {
      throw thrown();
    },
  });
}

const pour = command({
  name: "tea pour",
  options: Type.Object({
    cups: Type.Integer({ minimum: 1, maximum: 9, description: "How many." }),
    milkFirst: Type.Optional(Type.Boolean({ description: "Milk before tea." })),
    kind: Type.Optional(Type.Union([Type.Literal("green"), Type.Literal("black")])),
    guest: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    note: Type.Optional(Type.String({ maxLength: 9 })),
  }),
  run({ options, say }) {
    say(JSON.stringify(options));
    return options.cups === 9 ? 3 : undefined;
  },
});

const ours: readonly Command[] = [
  pour,
  throwing(
    "fail refused",
    () =>
      new Problem("already-exists", {
        detail: "That one is taken.",
        errors: [{ pointer: "/slug", detail: "is taken" }],
      }),
  ),
  throwing("fail oddly", () => new TypeError("canary", { cause: new Error("canary") })),
  throwing("fail postgres", () => new PostgresRefusal({ detail: "The port is taken.", remedy: "Free it." })),
  throwing("fail install", () => new InstallRefused(["table app.x has no policy"])),
];
const commands: readonly Listed[] = [
  ...shipped,
  ...ours.map((one): Listed => ({ name: one.name, does: "Pours or fails.", load: async () => one })),
];

test.each(shipped)(
  "$name is the command of that name, and says what it does",
  async ({ name, does, load }) => {
    expect((await load()).name).toBe(name);
    expect(does).toMatch(/^[A-Z].*\.$/);
  },
);

async function run(
  line: string,
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(
    line.split(" ").filter((word) => word !== ""),
    {
      commands,
      readConfig: () => readConfig(env),
      out: (text) => out.push(text),
      err: (text) => err.push(text),
    },
  );
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("help", () => {
  test.each(["", "help", "--help", "-h"])(
    "%j lists every command, in a broken environment too",
    async (line) => {
      const { code, out } = await run(line, { RINGFENCE_SECRET: "canary", RINGFENCE_OOPS: "1" });
      expect(code).toBe(0);
      for (const { name } of commands) expect(out).toContain(`${name} `);
    },
  );

  test.each(["tea pour --help", "help tea pour", "tea pour -h"])(
    "%j shows a command's options",
    async (line) => {
      const { code, out } = await run(line);
      expect(code).toBe(0);
      expect(out).toContain("--cups NUMBER");
      expect(out).toContain("How many. Needed.");
      expect(out).toContain("--milk-first");
      expect(out).toContain("--kind green|black");
    },
  );

  test("of a group lists its commands only", async () => {
    const { out } = await run("help tea");
    expect(out).toContain("tea pour");
    expect(out).not.toContain("config explain");
  });
});

describe("options", () => {
  test.each([
    ["--cups 2", { cups: 2 }],
    ["--cups=2 --milk-first", { cups: 2, milkFirst: true }],
    ["--no-milk-first --cups 2 --kind green", { milkFirst: false, cups: 2, kind: "green" }],
    ["--cups 2 --guest a --guest=b=c", { cups: 2, guest: ["a", "b=c"] }],
    ["--cups 2 --note=--x", { cups: 2, note: "--x" }],
    ["--cups 2 --note 007", { cups: 2, note: "007" }],
  ])("%s are read", async (line, expected) => {
    const { code, out } = await run(`tea pour ${line}`);
    expect({ code, options: JSON.parse(out) as unknown }).toEqual({ code: 0, options: expected });
  });

  test.each([
    ["", "--cups is needed"],
    ["--cups", "--cups needs a value"],
    ["--cups --milk-first", "--cups needs a value"],
    ["--cups canary", "--cups is not valid"],
    ["--cups 10", "--cups is not valid"],
    ["--cups 2 --cups 3", "--cups is given twice"],
    ["--cups 2 --milk-first=canary", "--milk-first takes no value"],
    ["--cups 2 --milk-frist", "did you mean --milk-first?"],
    ["--cups 2 --no-kind", "--no-kind is not an option"],
    ["--cups 2 --kind canary", "expected one of green, black"],
    ["--cups 2 --note canarycanary", "--note is not valid"],
    ["--cups 2 canary", "A word stands where an option is expected"],
    ["--cups 2 -x", "-x is not an option"],
  ])("%j is refused: %s", async (line, expected) => {
    const { code, out, err } = await run(`tea pour ${line}`);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toContain(expected);
    expect(err).not.toContain("canary");
  });

  test("a command decides on its exit code", async () => {
    expect((await run("tea pour --cups 9")).code).toBe(3);
  });
});

describe("a command that is not there", () => {
  test.each([
    ["tea pur", "did you mean ringfence tea pour?"],
    ["confg explain", "did you mean ringfence config explain?"],
    ["tea", "Say which one: tea pour"],
    ["zebra", "There is no such command"],
  ])("%j: %s", async (line, expected) => {
    const { code, err } = await run(line);
    expect(code).toBe(64);
    expect(err).toContain(expected);
  });
});

describe("failures", () => {
  test("a refusal says what, in detail, and what to do", async () => {
    const { code, err } = await run("fail refused");
    expect(code).toBe(1);
    expect(err).toContain("There is one like this already");
    expect(err).toContain("That one is taken.");
    expect(err).toContain("/slug: is taken");
    expect(err).toContain("Choose another value");
  });

  test("a fault of ours ends with 70 and shows places, no values", async () => {
    const { code, err } = await run("fail oddly");
    expect(code).toBe(70);
    expect(err).toContain("TypeError");
    expect(err).toContain("server/cli/run-cli.test.ts:");
    expect(err).not.toContain("canary");
  });

  test("a refusal of PostgreSQL or of the database is passed on", async () => {
    expect(await run("fail postgres")).toMatchObject({ code: 1, err: expect.stringContaining("Free it.") });
    expect(await run("fail install")).toMatchObject({
      code: 1,
      err: expect.stringContaining("app.x has no policy"),
    });
  });

  test("for programs a failure is JSON", async () => {
    const { err } = await run("fail refused --json");
    expect(JSON.parse(err)).toMatchObject({ exitCode: 1, title: "There is one like this already" });
  });
});

describe("config explain", () => {
  const env = { PORT: "8080", RINGFENCE_SECRET: key, DATABASE_URL: "postgres://u:canary@db.example.com/crm" };

  test.each(["config explain", "config explain --json"])(
    "%s shows values and sources, no secret",
    async (line) => {
      const { code, out } = await run(line, env);
      expect(code).toBe(0);
      expect(out).toMatch(/8080/);
      expect(out).toMatch(/environment/);
      expect(out).toMatch(/does not demand TLS/);
      expect(out).not.toMatch(/canary/);
      expect(out).not.toContain(key);
    },
  );

  test("names every fault of a broken environment, by name only", async () => {
    const { code, err } = await run("config explain", { PORT: "canary", RINGFENCE_PROT: "canary" });
    expect(code).toBe(78);
    expect(err).toContain("PORT must be");
    expect(err).toContain("RINGFENCE_PROT is not a setting");
    expect(err).not.toContain("canary");
  });
});

test.each(["version", "--version", "version --json"])("%s says which version this is", async (line) => {
  const { code, out } = await run(line);
  expect(code).toBe(0);
  expect(out).toMatch(/\d+\.\d+\.\d+/);
});
