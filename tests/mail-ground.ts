import {
  derive,
  argon2idByDefault,
  newRecipe,
  storedRecipe,
  verifierOf,
} from "../server/kernel/passwords/index.ts";
import { unpackLetter } from "../server/features/identity/index.ts";
import { installationVault } from "../server/kernel/vault/index.ts";
import type { InstalledDatabase } from "./installed-database.ts";
import { trialSecret } from "./seed.ts";

/** One letter of a person's own mail, opened. */
export interface OpenedLetter {
  readonly purpose: string;
  readonly subject: string;
  readonly text: string;
  readonly state: string;
}

/** The letters that wait for an address, the newest first. */
export async function lettersTo(database: InstalledDatabase, address: string): Promise<OpenedLetter[]> {
  const db = await database.connectAsSuperuser();
  // As a worker does every second.
  await db.query("select kernel.grant_wishes()");
  const { rows } = await db.query(
    "select * from kernel.person_mail where to_address = $1 and body is not null order by created_at desc, id desc",
    [address],
  );
  await db.end();
  const vault = installationVault(trialSecret);
  return Promise.all(
    rows.map(async ({ id, purpose, subject, state, body }) => ({
      purpose,
      subject,
      state,
      text: (await vault.use({ table: "person_mail", column: "body", rowId: id }, body, unpackLetter)).text,
    })),
  );
}

/** The link in the newest letter of that purpose. */
export async function linkTo(
  database: InstalledDatabase,
  address: string,
  purpose: string,
): Promise<{ readonly origin: string; readonly path: string; readonly token: string }> {
  const letter = (await lettersTo(database, address)).find((each) => each.purpose === purpose);
  const [, href = ""] = /(https?:\/\/\S+)/.exec(letter?.text ?? "") ?? [];
  if (href === "") throw new Error(`no ${purpose} for ${address}`);
  const url = new URL(href);
  return { origin: url.origin, path: url.pathname, token: url.hash.replace("#token=", "") };
}

/** Gives a person a password, as if they had set it. */
export async function setPassword(
  database: InstalledDatabase,
  email: string,
  password: string,
): Promise<void> {
  const recipe = newRecipe(argon2idByDefault);
  const { scheme, parameters, salt } = storedRecipe(recipe);
  const db = await database.connectAsSuperuser();
  await db.query("update kernel.person set recipe = $2, verifier = $3 where email = $1", [
    email,
    JSON.stringify({ scheme, parameters, salt: salt.toString("base64") }),
    verifierOf(await derive(password, recipe)),
  ]);
}
