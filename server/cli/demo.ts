import { Type } from "@sinclair/typebox";
import {
  demoState,
  type DemoSignIn,
  removeDemo,
  seedDemo,
  type SeedOptions,
  signInToDemo,
  type Workshop,
} from "../features/demo/index.ts";
import type { Config } from "../foundation/config/index.ts";
import { openAdministration } from "../foundation/database/index.ts";
import { argon2idByDefault, bcryptByDefault } from "../kernel/passwords/index.ts";
import { installationKeys, installationVault } from "../kernel/vault/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

/** An installed database, as a start or a command reaches it. */
export interface Ground {
  readonly secret: Buffer;
  dsnOf(role: "migrate"): string;
}

export const demoSeed = command({
  name: "demo seed",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const settings = config();
    const ground = await reach(settings);
    try {
      const progress = options.json === true ? () => undefined : say;
      const signIn = await inWorkshop(settings, ground, (shop) =>
        seedDemo(shop, seedOptions(settings, ground.secret, progress)),
      );
      const url = urlOf(settings);
      say(options.json === true ? JSON.stringify({ url, ...signIn }) : signInText(signIn, url));
    } finally {
      await ground.close();
    }
  },
});

export const demoRemove = command({
  name: "demo remove",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const settings = config();
    const ground = await reach(settings);
    try {
      const { organizations, unclaimed } = await inWorkshop(settings, ground, removeDemo);
      if (options.json === true) say(JSON.stringify({ removed: organizations, unclaimed }));
      else if (organizations.length === 0) say("There is no demo here.");
      else say(`Erased: ${organizations.join(", ")}.`);
      if (unclaimed && options.json !== true) {
        say("The installation belongs to nobody now; the next start prints a link to set it up.");
      }
    } finally {
      await ground.close();
    }
  },
});

/** Sees to it that the demo is there, and returns how to sign in; a demo that was left half made is made anew. */
export async function ensureDemo(
  config: Config,
  ground: Ground,
  say: (line: string) => void,
): Promise<DemoSignIn> {
  return inWorkshop(config, ground, async (shop) => {
    const state = await demoState(shop);
    if (state === "ready") return signInToDemo(shop, hashingOf(config));
    if (state === "half") await removeDemo(shop);
    say("Making the demo: two organizations of made-up data.");
    return seedDemo(shop, seedOptions(config, ground.secret, say));
  });
}

/** What is said once about how to sign in to the demo. */
export function signInText({ email, password, organizations }: DemoSignIn, url: string): string {
  return `
Sign in to the demo, with made-up data in ${organizations.map(({ name }) => name).join(" and ")}:

  ${url}/sign-in
  e-mail    ${email}
  password  ${password ?? "the one this person has already"}

This password is shown this once. To take the demo away again: ringfence demo remove
`;
}

async function inWorkshop<T>(
  { rolePrefix }: Config,
  ground: Ground,
  work: (shop: Workshop) => Promise<T>,
): Promise<T> {
  const db = await openAdministration(ground.dsnOf("migrate"));
  try {
    return await work({ db, prefix: rolePrefix });
  } finally {
    await db.close();
  }
}

function seedOptions(config: Config, secret: Buffer, say: (line: string) => void): SeedOptions {
  return {
    keys: installationKeys(secret),
    personVault: installationVault(secret),
    publicUrl: () => urlOf(config),
    hashing: hashingOf(config),
    say: (line) => say(`  ${line}`),
  };
}

function hashingOf({ passwordHash }: Config): SeedOptions["hashing"] {
  return passwordHash === "bcrypt" ? bcryptByDefault : argon2idByDefault;
}

function urlOf({ publicUrl, host, port }: Config): string {
  return publicUrl ?? `http://${host}:${port}`;
}
