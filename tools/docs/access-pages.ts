/** What the pages need to know of a declared door; every route of `server/http` has it. */
export interface Door {
  readonly kind: "tenant" | "person" | "open" | "protocol";
  readonly method: string;
  readonly path: string;
  readonly needs?: readonly string[];
  readonly openBecause?: string;
  readonly crossSiteBecause?: string;
}

/** One set of built-in roles, each with all the permissions that it holds. */
export interface RoleSet {
  readonly preset: string;
  readonly roles: readonly { readonly role: string; readonly holds: readonly string[] }[];
}

/**
 * Who may do what: role by permission, and role by door.
 *
 * A golden file. Whatever widens a right shows in its difference, and the attack tests try every ✘ of it.
 */
export function accessMatrixPage(
  doors: readonly Door[],
  catalogue: ReadonlyMap<string, string>,
  roleSets: readonly RoleSet[],
): string {
  return [
    "# Access matrix",
    "",
    "Written by `npm run docs` from the declarations; do not edit. ✔ may, `own` may for what is one's own, ✘ may not.",
    "The attack tests try every door as nobody, as each role and from another organization.",
    "",
    ...roleSets.flatMap((roleSet) => permissionTable(catalogue, roleSet)),
    ...roleSets.slice(0, 1).flatMap((roleSet) => doorTable(doors, roleSet)),
    "## Doors of a signed-in person",
    "",
    "Outside of any organization: they show and change only what is the person's own.",
    "",
    ...sorted(doors, "person").map(({ method, path }) => `- \`${method} ${path}\``),
    "",
  ].join("\n");
}

/** Every door that is open to people who are not signed in, with its reason. */
export function openDoorsPage(doors: readonly Door[]): string {
  return [
    "# Open doors",
    "",
    "Written by `npm run docs` from the declarations; do not edit. These doors know nobody: no credential, no organization.",
    "",
    "| door | open because | taken from other sites because |",
    "| --- | --- | --- |",
    ...sorted(doors, "open").map(
      ({ method, path, openBecause = "", crossSiteBecause = "" }) =>
        `| \`${method} ${path}\` | ${openBecause} | ${crossSiteBecause} |`,
    ),
    "",
  ].join("\n");
}

function permissionTable(catalogue: ReadonlyMap<string, string>, { preset, roles }: RoleSet): string[] {
  const keys = [...catalogue.keys()].toSorted();
  return [
    `## Permissions, preset \`${preset}\``,
    "",
    `| permission | what it allows | ${roles.map(({ role }) => role).join(" | ")} |`,
    `| --- | --- | ${roles.map(() => ":-:").join(" | ")} |`,
    ...keys.map(
      (key) =>
        `| ${key} | ${catalogue.get(key) ?? ""} | ${roles.map(({ holds }) => mark(holds, key)).join(" | ")} |`,
    ),
    "",
  ];
}

function doorTable(doors: readonly Door[], { preset, roles }: RoleSet): string[] {
  return [
    `## Doors, preset \`${preset}\``,
    "",
    "Each is served below `/v1` and below `/o/:organization/v1`. A request holds what its door needs and nothing else.",
    "",
    `| door | needs | ${roles.map(({ role }) => role).join(" | ")} | each use audited |`,
    `| --- | --- | ${roles.map(() => ":-:").join(" | ")} | --- |`,
    ...sorted(doors, "tenant").map(({ method, path, needs = [] }) => {
      const cells = roles.map(({ holds }) => markAll(holds, needs)).join(" | ");
      return `| \`${method} ${path}\` | ${needs.join(", ")} | ${cells} | ${needs.some(isAudited) ? "yes" : ""} |`;
    }),
    "",
  ];
}

/** What the database writes to the trail at each use (kernel.enter). */
function isAudited(need: string): boolean {
  return /[.](?:export|reveal)$/.test(need);
}

function markAll(holds: readonly string[], needs: readonly string[]): string {
  const marks = needs.map((need) => mark(holds, need));
  return marks.find((each) => each === "✘") ?? marks.find((each) => each === "own") ?? "✔";
}

function mark(holds: readonly string[], need: string): string {
  if (holds.includes(need)) return "✔";
  return holds.includes(`${need}:own`) ? "own" : "✘";
}

function sorted(doors: readonly Door[], kind: Door["kind"]): Door[] {
  return doors
    .filter((door) => door.kind === kind)
    .toSorted((one, other) => compare(`${one.path} ${one.method}`, `${other.path} ${other.method}`));
}

/** By code points, the same on every machine. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
