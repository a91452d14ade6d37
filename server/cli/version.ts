import { readFileSync } from "node:fs";
import { Type } from "@sinclair/typebox";
import { command, json } from "./command.ts";

const packageFile = new URL("../../package.json", import.meta.url);

/** The version of Ringfence that is installed. */
export function installedVersion(): string {
  const read: unknown = JSON.parse(readFileSync(packageFile, "utf8"));
  if (typeof read !== "object" || read === null || !("version" in read)) return "unknown";
  return String(read.version);
}

export const version = command({
  name: "version",
  options: Type.Object({ json }),
  run({ options, say }) {
    const versions = { ringfence: installedVersion(), node: process.versions.node };
    say(
      options.json === true
        ? JSON.stringify(versions)
        : `Ringfence ${versions.ringfence} on Node ${versions.node}`,
    );
  },
});
