import { csvLine } from "../imports/csv/index.ts";
import type { Review } from "./review.ts";

const header = [
  "what",
  "name",
  "email",
  "roles or permissions",
  "since",
  "last seen",
  "until",
  "second factor",
  "answered for by",
  "flags",
  "id",
] as const;

/** The review as one table: a line for each member, key, public key, invitation and grant. */
export function reviewCsv({ members, keys, publicKeys, invitations, supportGrants }: Review): string {
  return [
    csvLine(header),
    ...members.map((m) =>
      csvLine([
        m.kind === "service" ? "service account" : "member",
        m.name,
        m.email,
        listed(m.roles),
        m.since,
        m.lastSeenAt,
        null,
        m.kind === "service" ? null : factorWords(m),
        m.answerable,
        listed(m.flags),
        m.id,
      ]),
    ),
    ...keys.map((k) =>
      csvLine([
        `${k.class} key`,
        k.name,
        k.owner,
        k.permissions === null ? "whatever its owner may" : listed(k.permissions),
        k.createdAt,
        k.lastSeenAt,
        k.expiresAt,
        null,
        k.madeBy,
        listed(k.flags),
        k.id,
      ]),
    ),
    ...publicKeys.map((k) =>
      csvLine([
        "public key",
        k.name,
        k.owner,
        k.alg,
        k.createdAt,
        k.lastSeenAt,
        k.expiresAt,
        null,
        k.madeBy,
        null,
        k.id,
      ]),
    ),
    ...invitations.map((i) =>
      csvLine([
        "invitation",
        null,
        i.email,
        listed(i.roles),
        null,
        null,
        i.expiresAt,
        null,
        null,
        null,
        i.id,
      ]),
    ),
    ...supportGrants.map((g) =>
      csvLine([
        "support grant",
        g.reason,
        g.email,
        listed(g.permissions),
        null,
        g.firstUsedAt,
        g.until,
        null,
        null,
        null,
        g.id,
      ]),
    ),
  ].join("");
}

function listed(values: readonly string[]): string {
  return values.join(" ");
}

function factorWords({ secondFactorBy }: Review["members"][number]): string {
  if (secondFactorBy === "provider") return "by provider";
  return secondFactorBy === null ? "no" : "yes";
}
