import { existsSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { newToken } from "../ids/index.ts";
import { hydrateSymlinks } from "./hydrate-symlinks.ts";

interface Relocated {
  readonly copy: string;
  /** Whether this call made the copy; else it lay there already. */
  readonly fresh: boolean;
}

/**
 * Copies the package's programs below `copies`, readable by all, links made; once per package version.
 *
 * The copy appears under its name only when it is whole, so neither a crash nor two starts at once leave half of it.
 */
export async function relocateBinaries(native: string, copies: string): Promise<Relocated> {
  const copy = path.join(copies, nameOf(native), "native");
  if (existsSync(copy)) return { copy, fresh: false };
  const draft = path.join(copies, `copying-${newToken()}`);
  try {
    await mkdir(path.dirname(copy), { recursive: true });
    for (const made of [copies, path.dirname(copy)]) await chmod(made, 0o755);
    await cp(native, path.join(draft, "native"), { recursive: true, verbatimSymlinks: true });
    await openToAll(path.join(draft, "native"));
    await hydrateSymlinks(path.join(draft, "native"));
    await rename(path.join(draft, "native"), copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { copy, fresh: true };
}

/** `linux-x64-18.4.0-beta.17`, so that an upgraded package is copied anew. */
function nameOf(native: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(native, "..", "package.json"), "utf8"));
  const named = typeof manifest === "object" && manifest !== null && "version" in manifest;
  const version = named ? String(manifest.version) : "unknown";
  return `${process.platform}-${process.arch}-${version}`;
}

/** An install under umask 077 leaves files that only their owner reads: others get what the owner has, but writing. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(file);
    else if (entry.isFile()) await chmod(file, ((await stat(file)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
