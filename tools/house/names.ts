const vague = /^(utils?|helpers?|common|shared|misc|services?|managers?|stuff|lib)$/;
const vagueFile = /^types$/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|test-d|d|config))?\.(ts|tsx|mts|mjs)$/;

/** What is wrong with the name of a source file, or null: if a thing has no name, it has no room. */
export function nameFault(path: string): string | null {
  const parts = path.split("/");
  const file = parts.at(-1) ?? "";
  const stem = file.split(".")[0] ?? "";
  const empty = vagueFile.test(stem) ? stem : [...parts.slice(0, -1), stem].find((part) => vague.test(part));
  if (empty !== undefined) return `the name "${empty}" says nothing about what is inside`;
  return kebab.test(file) ? null : "file names are in kebab-case, with no suffix but .test";
}
