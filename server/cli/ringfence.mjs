#!/usr/bin/env node
// The `ringfence` command. Newer Node runs the TypeScript source as it is, though none below node_modules; where it does
// not, tsx loads it. Nothing else happens here.
import { lstatSync, mkdirSync } from "node:fs";
import * as module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

if (!process.features.typescript || import.meta.url.includes("/node_modules/")) {
  if (!isOurs(join(tmpdir(), `tsx-${process.geteuid?.()}`))) process.env.TSX_DISABLE_CACHE = "1";
  const { register } = await import("tsx/esm/api");
  register();
} else {
  // Beside the source: whoever can write there can change that too.
  module.enableCompileCache?.(fileURLToPath(new URL("../../node_modules/.cache/ringfence", import.meta.url)));
}
await import("./index.ts");

/**
 * Whether nobody else can write to the folder, which is made unless it is there. tsx runs what it finds in its own, whoever
 * has put it there, and anybody can make that one before its owner comes.
 */
function isOurs(folder) {
  if (process.geteuid === undefined) return true;
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === process.geteuid() && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
