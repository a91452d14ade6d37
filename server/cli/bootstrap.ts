import { foundingKey, installationKeys } from "../kernel/vault/index.ts";
import { type Static, Type } from "@sinclair/typebox";
import { organizationOf, keptPassword } from "../features/identity/index.ts";
import type { Config } from "../foundation/config/index.ts";
import { DatabaseError } from "../foundation/database/index.ts";
import { newApiKey, newToken, sha256, uuidv7 } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { argon2idByDefault, bcryptByDefault } from "../kernel/passwords/index.ts";
import { command, json } from "./command.ts";
import { reach, type Reached } from "./reach.ts";

const options = Type.Object({
  organization: Type.String({ minLength: 1, maxLength: 200, description: "Its name, as people read it." }),
  email: Type.String({
    pattern: "^[^\\s@]+@[^\\s@]+$",
    maxLength: 320,
    description: "The first owner's address.",
  }),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: "The owner's name; else made from the address.",
    }),
  ),
  slug: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9][a-z0-9-]{1,47}$",
      description: "Its part of the address; else made from its name.",
    }),
  ),
  locale: Type.Optional(
    Type.String({ maxLength: 35, description: "Its language, such as de-AT; en unless given." }),
  ),
  timeZone: Type.Optional(
    Type.String({ maxLength: 64, description: "Its time zone, such as Europe/Vienna; UTC unless given." }),
  ),
  currency: Type.Optional(
    Type.String({ pattern: "^[A-Z]{3}$", description: "Its currency; EUR unless given." }),
  ),
  json,
});
type Options = Static<typeof options>;

/** What bootstrap prints; the password and the key are shown this once and stored nowhere. */
interface Made {
  readonly url: string;
  readonly organization: string;
  readonly person: string;
  readonly password: string;
  readonly apiKey: string;
}

export const bootstrap = command({
  name: "bootstrap",
  options,
  async run({ options: given, config, say }) {
    const settings = config();
    const reached = await reach(settings);
    try {
      const made = await claim(reached, settings, given);
      say(given.json === true ? JSON.stringify(made) : told(made));
    } finally {
      await reached.close();
    }
  },
});

async function claim(reached: Reached, settings: Config, given: Options): Promise<Made> {
  const organization = organizationOf({ ...given, name: given.organization });
  const email = given.email.trim().toLowerCase();
  const [before = email] = email.split("@");
  const name = given.name?.trim() ?? before;
  const [ticket, session, password] = [newToken(), newToken(), newToken()];
  const kept = await keptPassword(password, {
    words: [],
    config: settings.passwordHash === "bcrypt" ? bcryptByDefault : argon2idByDefault,
    pointer: "/password",
  });
  const auth = reached.door("auth");
  const founding = await foundingKey(installationKeys(reached.secret));
  const [opened] = await auth.batch([
    { text: "select kernel.open_setup($1, 60) as opened", values: [sha256(ticket)] },
  ]);
  if (opened?.rows[0]?.["opened"] !== true) throw taken();
  const claimed = auth.batch([
    {
      text: "select kernel.claim_installation($1, $2::jsonb, $3, $4, $5::jsonb, $6, $7, null, 'ringfence bootstrap') as person",
      values: [
        sha256(ticket),
        JSON.stringify({ ...organization, ...founding }),
        email,
        name,
        JSON.stringify(kept.recipe),
        kept.verifier,
        sha256(session),
      ],
    },
  ]);
  // Somebody else may have opened a link of their own meanwhile, or used it.
  const [person] = await claimed.catch((error: unknown) => {
    throw error instanceof DatabaseError && error.code === "RF403" ? taken() : error;
  });
  const slug = String(organization["slug"]);
  const apiKey = await makeKey(reached, session, slug);
  await auth.batch([
    {
      text: "select kernel.sign_out($1, $2, null, 'ringfence bootstrap')",
      values: [sha256(session), uuidv7()],
    },
  ]);
  const url = settings.publicUrl ?? `http://${settings.host}:${settings.port}`;
  return { url, organization: slug, person: String(person?.rows[0]?.["person"]), password, apiKey };
}

/** Through the door that the API uses, as the owner that was just made: with the permission for this, and no other. */
async function makeKey(reached: Reached, session: string, slug: string): Promise<string> {
  const { token, id } = newApiKey("personal");
  await reached.door("api").batch([
    {
      text: "select kernel.enter($1, $2, $3, $4, null, 'ringfence bootstrap')",
      values: [sha256(session), slug, ["key.create"], uuidv7()],
    },
    {
      text: "select kernel.create_key('bootstrap', $1, $2, null, null)",
      values: [sha256(token), id],
    },
  ]);
  return token;
}

function taken(): Problem {
  return new Problem("wrong-state", {
    detail: "This installation belongs to somebody already; it is set up once.",
  });
}

function told({ url, organization, password, apiKey }: Made): string {
  return `The installation is set up. What follows is shown this once:

  address       ${url}/o/${organization}
  password      ${password}
  API key       ${apiKey}
`;
}
