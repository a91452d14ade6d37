import { type HostileProvider, hostileProvider } from "./hostile-provider.ts";
import { type Org, ssoWorld, type SsoWorld } from "./sso-world.ts";

/** An organization with a domain of its own, corp.example, that signs its people in by a provider which tells what it is told to. */
export interface HostileWorld {
  /** Stops the provider too. */
  readonly world: SsoWorld;
  readonly provider: HostileProvider;
  readonly acme: Org;
  readonly connection: string;
}

/** Makes that world; `change` is what the connection is to be beside what connections of tests are. */
export async function hostileWorld(change?: Readonly<Record<string, unknown>>): Promise<HostileWorld> {
  const [world, provider] = [await ssoWorld(), await hostileProvider()];
  const acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "corp.example");
  const connection = await world.connect(acme, provider.issuer, change);
  const stop = async (): Promise<void> => {
    await world.stop();
    await provider.stop();
  };
  return { world: { ...world, stop }, provider, acme, connection };
}
