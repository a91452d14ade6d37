import type { Transaction } from "../../foundation/database/index.ts";
import { columnOf, isCredential, type Resource, type Values } from "../../kernel/resource/index.ts";
import { type Entered, withSealingVault } from "../../kernel/tenancy/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";

/**
 * Seals the credential fields among the values for just this record, under the organization's key. What is stored opens in
 * no other organization, record or column; a null stays null, so that a credential can be taken away.
 */
export async function sealCredentials(
  t: Transaction,
  keys: KeyProvider,
  entered: Entered,
  resource: Resource,
  id: string,
  values: Values,
): Promise<Values> {
  const given = Object.entries(values).filter(
    ([name, value]) => typeof value === "string" && isCredential(resource.fields[name] ?? { care: "open" }),
  );
  if (given.length === 0) return values;
  return withSealingVault(t, keys, entered.tenantId, async (vault) => {
    const sealed = await Promise.all(
      given.map(async ([name, value]) => {
        const where = { table: resource.name, column: columnOf(name), rowId: id };
        return [name, await vault.seal(entered.tenantId, where, Buffer.from(String(value)))] as const;
      }),
    );
    return { ...values, ...Object.fromEntries(sealed) };
  });
}
