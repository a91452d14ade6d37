import { fetchRecords } from "./records.ts";

export interface Hit {
  readonly kind: "contact" | "account";
  readonly id: string;
  readonly label: string;
  readonly detail: string | null;
}

/** The first few contacts and accounts that match; a kind that the person may not read is left out. */
export async function searchEverything(
  organization: string,
  q: string,
  kinds: { readonly contacts: boolean; readonly accounts: boolean },
  signal: AbortSignal,
): Promise<readonly Hit[]> {
  const query = { q, limit: 6 };
  const nothing = { items: [] } as const;
  const [contacts, accounts] = await Promise.all([
    kinds.contacts ? fetchRecords(organization, "contacts", query, signal) : nothing,
    kinds.accounts ? fetchRecords(organization, "accounts", query, signal) : nothing,
  ]);
  return [
    ...contacts.items.map(({ id, firstName, lastName, email, phone }) => {
      const name = `${firstName ?? ""} ${lastName ?? ""}`.trim();
      return {
        kind: "contact",
        id,
        label: name || email || phone || "Without a name",
        detail: email,
      } as const;
    }),
    ...accounts.items.map(
      ({ id, name, domain }) => ({ kind: "account", id, label: name, detail: domain }) as const,
    ),
  ];
}
