import { type Document, groupSchema } from "./names.ts";

/** A group as kernel.scim_groups shows it; `members` null where they were not asked for. */
export interface GroupRow {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly members: readonly { readonly value: string; readonly display: string }[] | null;
}

/** The group as SCIM shows it. */
export function shownGroup(row: GroupRow, base: string): Document {
  const { id, displayName, externalId, members } = row;
  return {
    schemas: [groupSchema],
    id,
    ...(externalId === null ? {} : { externalId }),
    displayName,
    ...(members === null
      ? {}
      : {
          members: members.map(({ value, display }) => ({
            value,
            display,
            type: "User",
            $ref: `${base}/Users/${value}`,
          })),
        }),
    meta: {
      resourceType: "Group",
      created: row.createdAt,
      lastModified: row.updatedAt,
      location: `${base}/Groups/${id}`,
      version: `"v${row.version}"`,
    },
  };
}
