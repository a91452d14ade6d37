import type { TextRecords } from "../../foundation/egress/index.ts";

/** The TXT record that shows that a domain is an organization's own. */
export function recordOf({ name, token }: { readonly name: string; readonly token: string }): {
  readonly name: string;
  readonly type: "TXT";
  readonly value: string;
} {
  return { name: `_ringfence.${name}`, type: "TXT", value: `ringfence-domain=${token}` };
}

/** Whether DNS has it; rejects when DNS did not answer, which says neither. */
export async function isThere(
  domain: { readonly name: string; readonly token: string },
  textRecords: TextRecords,
): Promise<boolean> {
  const { name, value } = recordOf(domain);
  return (await textRecords(name)).some((text) => text.trim() === value);
}
