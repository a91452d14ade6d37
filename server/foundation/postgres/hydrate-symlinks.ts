import { lstatSync, readFileSync, type Stats } from "node:fs";
import { symlink } from "node:fs/promises";
import path from "node:path";

interface Link {
  /** Relative to the link's own directory, so that the whole tree can be moved. */
  readonly to: string;
  readonly at: string;
}

/**
 * The links that the package's list names and the disk does not have: npm packs no symbolic links, and the
 * package's own script that makes them does not run under `npm ci --ignore-scripts`.
 */
export function missingSymlinks(native: string): Link[] {
  return listed(native).filter(({ at }) => lstat(at) === undefined);
}

/** Makes the missing links; another process doing the same at the same moment is no fault. */
export async function hydrateSymlinks(native: string): Promise<void> {
  for (const { to, at } of missingSymlinks(native)) {
    try {
      await symlink(to, at);
    } catch (error) {
      if (lstat(at) === undefined) throw error;
    }
  }
}

function listed(native: string): Link[] {
  const file = path.join(native, "pg-symlinks.json");
  if (lstat(file) === undefined) return [];
  const entries: unknown = JSON.parse(readFileSync(file, "utf8"));
  return Array.isArray(entries) ? entries.filter(isEntry).map((entry) => linkFrom(native, entry)) : [];
}

function isEntry(entry: unknown): entry is { source: string; target: string } {
  if (typeof entry !== "object" || entry === null || !("source" in entry) || !("target" in entry))
    return false;
  return typeof entry.source === "string" && typeof entry.target === "string";
}

/** The list's paths begin with `native/`, the folder that holds the list. */
function linkFrom(native: string, { source, target }: { source: string; target: string }): Link {
  const root = path.dirname(native);
  const at = path.join(root, target);
  return { to: path.relative(path.dirname(at), path.join(root, source)), at };
}

function lstat(file: string): Stats | undefined {
  return lstatSync(file, { throwIfNoEntry: false });
}
