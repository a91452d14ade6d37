import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `npm run bench` lists the measurements; `npm run bench NAME [arguments]` runs one and ends as it ends. */

const folder = new URL(".", import.meta.url);
/** Run by another measurement, never alone. */
const parts = new Set(["run", "request-server", "session-server"]);
const benches = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ name: file.replace(/\.ts$/, ""), text: readFileSync(new URL(file, folder), "utf8") }))
  // What has something to give is a part of others, unless it says how it is run.
  .filter(
    ({ name, text }) =>
      !parts.has(name) && (!/^export /m.test(text) || text.includes(`tsx bench/${name}.ts`)),
  )
  .map(({ name, text }) => ({ name, says: /\/\*\*\s+(?:\* )?([^]*?)\*\//.exec(text)?.[1] ?? "" }));

const [name, ...rest] = process.argv.slice(2);
if (name === undefined) {
  for (const { name: each, says } of benches)
    console.log(`${each}\n    ${says.replaceAll(/\s*\n \* ?/g, " ").trim()}\n`);
} else if (benches.some((bench) => bench.name === name)) {
  const file = fileURLToPath(new URL(`${name}.ts`, folder));
  const child = spawn(process.execPath, ["--import", "tsx", file, ...rest], { stdio: "inherit" });
  child.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  console.error(
    `There is no bench called ${name}. There are: ${benches.map((bench) => bench.name).join(", ")}.`,
  );
  process.exitCode = 2;
}
