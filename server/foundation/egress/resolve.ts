import { type LookupAddress, promises } from "node:dns";
import { isIP } from "node:net";
import { EgressRefusal } from "./egress-refusal.ts";
import type { AddressGuard } from "./address-guard.ts";

/** The addresses of a name, as the machine's own resolver finds them. */
export type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

export const systemLookup: Lookup = (name) => promises.lookup(name, { all: true, verbatim: true });

/**
 * The one address that a request goes to, judged before anything is sent. If any address of a name is closed, the name is:
 * whoever mixes them hopes that we pick the wrong one. The caller connects to what is returned, so that a second answer of
 * the name server (rebinding) changes nothing.
 */
export async function pinnedAddress(
  host: string,
  guard: AddressGuard,
  lookup: Lookup,
): Promise<LookupAddress> {
  const bare = host.replace(/^\[|\]$/g, "");
  const found = isIP(bare) === 0 ? await lookedUp(bare, lookup) : [{ address: bare, family: isIP(bare) }];
  for (const { address } of found) {
    const refusal = guard.refusalOf(address);
    if (refusal !== null) throw new EgressRefusal(refusal);
  }
  const [first] = found;
  if (first === undefined) throw new EgressRefusal("the name has no address");
  return first;
}

async function lookedUp(name: string, lookup: Lookup): Promise<readonly LookupAddress[]> {
  try {
    return await lookup(name);
  } catch (cause) {
    throw new EgressRefusal("the name has no address", { cause });
  }
}
