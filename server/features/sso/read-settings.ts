import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Problem } from "../../foundation/problem/index.ts";
import { newClientKey } from "./oidc/client-key.ts";
import { oidcInput, type OidcSettings } from "./oidc/settings.ts";
import { enteredOf, resettled, samlInput } from "./saml/settings.ts";

type Settings = Readonly<Record<string, unknown>>;

/** The settings of a connection as they will be stored, and its secret when it gets a new one. */
export interface Resettled {
  readonly settings: Settings;
  readonly secret: string | null;
}

/**
 * What somebody asks for; a client's own key is made here, and only its public half is ever shown. A setting that is not
 * named stays as it is, so that no form takes away what it does not know; null takes one away (RFC 7396, setting by setting).
 */
export interface Wanted {
  readonly settings?: Settings | undefined;
  readonly secret?: string | undefined;
  readonly newKey?: boolean | undefined;
}

/** Settings of each kind as they are entered. */
const inputs: Readonly<Record<string, TSchema>> = { oidc: oidcInput, saml: samlInput };

/** Checks what was entered for a connection of this kind; throws Problem("not-valid") with what does not fit. */
export async function readSettings(kind: string, before: Settings, wanted: Wanted): Promise<Resettled> {
  const schema = inputs[kind];
  if (schema === undefined)
    throw new Problem("not-valid", { detail: "This kind of connection has no settings here." });
  if (kind === "saml") {
    const given = merged(enteredOf(before), wanted.settings);
    demandFit(schema, given);
    return resettled(before, given, wanted);
  }
  const { publicKeys: _, ...kept } = before;
  const entered = merged(kept, wanted.settings);
  demandFit(schema, entered);
  // The schema was just held against it.
  return withClientKey(before, entered as OidcSettings, wanted);
}

function merged(before: Settings, change: Settings = {}): Settings {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
}

function demandFit(schema: TSchema, entered: Settings): void {
  const faults = [...Value.Errors(schema, entered)].slice(0, 20);
  if (faults.length === 0) return;
  throw new Problem("not-valid", {
    errors: faults.map(({ path, message }) => ({ pointer: `/settings${path}`, detail: message })),
  });
}

async function withClientKey(before: Settings, entered: OidcSettings, wanted: Wanted): Promise<Resettled> {
  if (entered.tokenAuth !== "private_key_jwt") {
    if (wanted.newKey === true)
      throw new Problem("not-valid", { detail: "This client shows a secret and has no key." });
    return { settings: { ...entered }, secret: wanted.secret ?? null };
  }
  if (wanted.secret !== undefined) {
    throw new Problem("not-valid", {
      errors: [{ pointer: "/secret", detail: "This client signs with a key of its own." }],
    });
  }
  const moved = ["issuer", "clientId", "tokenAuth"].some(
    (name) => before[name] !== (entered as Settings)[name],
  );
  const publicKeys = moved || !Array.isArray(before["publicKeys"]) ? [] : before["publicKeys"];
  if (!moved && wanted.newKey !== true) return { settings: { ...entered, publicKeys }, secret: null };
  const { secret, publicKey } = await newClientKey();
  // The one before stays published: what it signed a moment ago is still on its way.
  return { settings: { ...entered, publicKeys: [publicKey, ...publicKeys.slice(0, 1)] }, secret };
}
