import { Type } from "@sinclair/typebox";
import { sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { hands, nothing, openRoute, type Route, route } from "../../http/index.ts";
import { createConnection, freshToken, readOne } from "./connection-routes.ts";
import { secretField, settingsField, type SsoOptions, strict, tokenField, uuid } from "./inputs.ts";
import { readSettings } from "./read-settings.ts";
import { keysIn, secretOf, withHandedKeys } from "./sealed.ts";
import { addressesOf, connectionIn } from "./shown-connection.ts";

const token = Type.Object({ token: tokenField });
const openBecause =
  "the customer's administrator has no account; the link is the credential, and good for one draft alone";

const shownDraft = Type.Object({
  id: uuid,
  kind: Type.Union([Type.Literal("oidc"), Type.Literal("saml")]),
  name: Type.String(),
  organization: Type.String(),
  settings: settingsField,
  hasSecret: Type.Boolean(),
  callbackUrl: Type.String(),
  logoutUrl: Type.Union([Type.String(), Type.Null()]),
});

/** A link for whoever runs the customer's identity provider, and what its holder may do: set up one draft, and say when it is ready. */
export function setupLinkRoutes(options: SsoOptions): Route[] {
  return [openLink(options), readDraft(options), changeDraft(options), finishDraft(options)];
}

function openLink({ keys, publicUrl }: SsoOptions): Route {
  return route({
    method: "POST",
    path: "/sso-setup-links",
    summary:
      "Make a link by which somebody sets a connection up without an account; an older one of the same draft dies",
    needs: ["security.read", "security.change"],
    body: Type.Object(
      {
        connectionId: Type.Optional(uuid),
        kind: Type.Optional(Type.Union([Type.Literal("oidc"), Type.Literal("saml")])),
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" })),
      },
      strict,
    ),
    status: 201,
    answer: Type.Object({ id: uuid, link: Type.String(), expiresAt: Type.String() }),
    handle: ({ scope, body }) =>
      scope.tx(async (t, { tenantId }) => {
        const wanted = { kind: body.kind ?? "oidc", name: body.name ?? "Single sign-on" };
        const id = body.connectionId ?? (await createConnection(t, tenantId, wanted, keys));
        const { kind } = connectionIn(await t.run(readOne(id)), publicUrl());
        const link = freshToken();
        const { rows } = await t.run({
          text: "select kernel.open_sso_setup($1, $2) as until",
          values: [id, link.digest],
        });
        // In the fragment, which browsers send to nobody.
        const address = `${publicUrl()}/sso-setup#kind=${kind}&token=${link.token}`;
        return { id, link: address, expiresAt: String(rows[0]?.["until"]) };
      }),
  });
}

function readDraft(options: SsoOptions): Route {
  return openRoute({
    method: "GET",
    path: "/auth/sso-setup/:token",
    openBecause,
    summary: "The draft that a setup link is for",
    params: token,
    answer: shownDraft,
    handle: ({ params }) => draftOf(options, params.token),
  });
}

function changeDraft(options: SsoOptions): Route {
  const { auth } = options;
  return openRoute({
    method: "PATCH",
    path: "/auth/sso-setup/:token",
    openBecause,
    summary: "Set the draft up; a setting that is not named stays, and null takes one away",
    limit: "sign-in",
    params: token,
    body: Type.Object(
      { settings: settingsField, secret: Type.Optional(secretField), newKey: Type.Optional(Type.Boolean()) },
      strict,
    ),
    answer: shownDraft,
    handle: async ({ params, body, request }) => {
      const draft = await draftOf(options, params.token);
      const { settings, secret } = await readSettings(draft.kind, draft.settings, body);
      const sealed = secret === null ? null : await sealFor(options, params.token, secret);
      await auth.batch([
        {
          text: "select kernel.change_sso_setup($1, $2::jsonb, $3, $4, $5, $6, $7)",
          values: [sha256(params.token), JSON.stringify(settings), sealed, draft.version, ...hands(request)],
        },
      ]);
      return draftOf(options, params.token);
    },
  });
}

function finishDraft({ auth }: SsoOptions): Route {
  return openRoute({
    method: "POST",
    path: "/auth/sso-setup/:token/finish",
    openBecause,
    summary: "Say that the draft is ready; the link dies, and the organization switches it on",
    limit: "sign-in",
    params: token,
    answer: nothing,
    status: 204,
    handle: async ({ params, request }) => {
      await auth.batch([
        {
          text: "select kernel.finish_sso_setup($1, $2, $3, $4)",
          values: [sha256(params.token), ...hands(request)],
        },
      ]);
    },
  });
}

interface Draft {
  readonly id: string;
  readonly kind: "oidc" | "saml";
  readonly name: string;
  readonly organization: string;
  readonly settings: Record<string, unknown>;
  readonly hasSecret: boolean;
  /** What a change was made of: one that came in between is not undone. */
  readonly version: number;
  readonly callbackUrl: string;
  readonly logoutUrl: string | null;
}

async function draftOf({ auth, publicUrl }: SsoOptions, link: string): Promise<Draft> {
  const [told] = await auth.batch([{ text: "select kernel.sso_setup($1) as draft", values: [sha256(link)] }]);
  // kernel.sso_setup raises, or builds just this object.
  const draft = told?.rows[0]?.["draft"] as Omit<Draft, "callbackUrl" | "logoutUrl"> | undefined;
  if (draft === undefined) throw new Problem("link-not-valid");
  return { ...draft, ...addressesOf(publicUrl(), draft) };
}

async function sealFor({ auth, keys }: SsoOptions, link: string, secret: string): Promise<Buffer> {
  const [told] = await auth.batch([
    { text: "select * from kernel.sso_setup_keys($1)", values: [sha256(link)] },
  ]);
  const row = told?.rows[0];
  if (row === undefined) throw new Problem("link-not-valid");
  const tenantId = String(row["tenant_id"]);
  return withHandedKeys(keys, tenantId, keysIn(told), (vault) =>
    vault.seal(tenantId, secretOf(String(row["connection"])), Buffer.from(secret, "utf8")),
  );
}
