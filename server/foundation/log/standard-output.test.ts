import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const room = new URL("index.ts", import.meta.url).href;

test.each([
  ["exits at once", "process.exit(0)"],
  ["dies of an error", "throw new Error('gone')"],
])("what was logged is written though the process %s", (_, end) => {
  const program = `import { log } from ${JSON.stringify(room)};
for (let at = 0; at < 2000; at += 1) log.event("server-stopping", { signal: "SIGTERM", seconds: at });
${end};`;
  const { stdout } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program],
    {
      encoding: "utf8",
    },
  );
  const lines = stdout.split("\n").filter((line) => line !== "");
  expect(lines.map((line) => Number(JSON.parse(line).seconds))).toEqual(
    Array.from({ length: 2000 }, (__, at) => at),
  );
});
