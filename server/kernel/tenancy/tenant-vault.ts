import type { Transaction } from "../../foundation/database/index.ts";
import { type KeyProvider, type KeyStore, openVault, type Vault } from "../vault/index.ts";

/**
 * The vault of the organization that this transaction is bound to, for the time of `work`; its opened keys are
 * overwritten then. It seals and opens nothing of any other organization, since the transaction shows no other keys.
 */
export async function withTenantVault<T>(
  t: Pick<Transaction, "run">,
  provider: KeyProvider,
  tenantId: string,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const vault = openVault({ provider, store: boundKeyStore(t) });
  try {
    return await work(vault);
  } finally {
    vault.forget(tenantId);
  }
}

/** The same for a request that seals: makes the organization's first key when it has none yet. */
export async function withSealingVault<T>(
  t: Pick<Transaction, "run">,
  provider: KeyProvider,
  tenantId: string,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  return withTenantVault(t, provider, tenantId, async (vault) => {
    const [first] = await boundKeyStore(t).read(tenantId);
    if (first === undefined) await vault.create(tenantId);
    return work(vault);
  });
}

/** Wrapped keys as the bound transaction may see them. */
function boundKeyStore(t: Pick<Transaction, "run">): KeyStore {
  return {
    read: async (tenantId) => {
      const { rows } = await t.run({ text: "select id, wrapped from kernel.tenant_keys()", values: [] });
      // The columns of kernel.tenant_keys are integer and bytea.
      return rows.map((row) => ({ tenantId, keyId: Number(row["id"]), wrapped: row["wrapped"] as Buffer }));
    },
    add: async ({ keyId, wrapped }) => {
      await t.run({ text: "select kernel.store_tenant_key($1, $2)", values: [keyId, wrapped] });
    },
    rewrap: () => Promise.reject(new Error("a request does not wrap keys anew")),
  };
}
