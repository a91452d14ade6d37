import { Type } from "@sinclair/typebox";
import type { Pool } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { type Asked, nothing, openRoute, personRoute, type Route } from "../../http/index.ts";
import type { HashingConfig } from "../../kernel/passwords/index.ts";
import { newOrganization, organizationOf } from "./organization.ts";
import { keptPassword, proofOf } from "./password-proof.ts";

export interface IdentityOptions {
  /** rf_auth: its functions judge each proof themselves. */
  readonly auth: Pool;
  readonly hashing: HashingConfig;
  /** Keys the recipes of addresses that nobody has. */
  readonly decoyKey: Buffer;
}

const strict = { additionalProperties: false };
const emailField = Type.String({ format: "email", maxLength: 320 });
const passwordField = Type.String({ minLength: 1, maxLength: 1024 });
const tokenField = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });
const nameField = Type.String({ minLength: 1, maxLength: 200 });
const uuid = Type.String({ format: "uuid" });
const sessionSeconds = 7 * 86_400;

/** The doors of a person: setup, sign-in and out, own sessions, own organizations, invitations. */
export function identityRoutes(options: IdentityOptions): Route[] {
  return [...setupRoutes(options), ...signInRoutes(options), ...personRoutes(), ...invitationRoutes(options)];
}

function setupRoutes({ auth, hashing }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "GET",
      path: "/auth/setup",
      openBecause: "the console asks whether this installation has an owner before anybody can sign in",
      summary: "Whether this installation has been set up",
      answer: Type.Object({ claimed: Type.Boolean(), region: Type.String() }),
      handle: async () => {
        const [state] = await auth.batch([{ text: "select claimed, region from kernel.installation_state()", values: [] }]);
        return { claimed: state?.rows[0]?.["claimed"] === true, region: String(state?.rows[0]?.["region"]) };
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/setup",
      openBecause: "the one-time setup link is the credential; it makes the first owner",
      summary: "Set up the installation with the one-time link",
      limit: "sign-in",
      body: Type.Object(
        {
          token: tokenField,
          organization: newOrganization,
          person: Type.Object({ name: nameField, email: emailField, password: passwordField }, strict),
        },
        strict,
      ),
      answer: Type.Object({ organization: Type.String() }),
      status: 201,
      handle: async ({ body, request, respond }) => {
        const organization = organizationOf(body.organization);
        const { name, email, password } = body.person;
        const kept = await keptPassword(password, {
          words: [name, email, String(organization["name"])],
          config: hashing,
          pointer: "/person/password",
          source: request.ip,
        });
        const token = newToken();
        await auth.batch([
          {
            text: "select kernel.claim_installation($1, $2::jsonb, $3, $4, $5::jsonb, $6, $7, $8, $9)",
            values: [sha256(body.token), JSON.stringify(organization), email.trim().toLowerCase(), name.trim(), JSON.stringify(kept.recipe), kept.verifier, sha256(token), request.ip, request.device],
          },
        ]);
        respond.startSession(token, sessionSeconds);
        return { organization: String(organization["slug"]) };
      },
    }),
  ];
}

function signInRoutes({ auth, hashing, decoyKey }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "POST",
      path: "/auth/sign-in",
      openBecause: "whoever signs in has no credential yet",
      summary: "Sign in with e-mail and password",
      limit: "sign-in",
      body: Type.Object({ email: emailField, password: passwordField }, strict),
      answer: Type.Object({ signedIn: Type.Literal(true) }),
      handle: async ({ body, request, respond }) => {
        const email = body.email.trim().toLowerCase();
        const { derived, fresh } = await proofOf(auth, { email, password: body.password, source: request.ip }, hashing, decoyKey);
        const token = newToken();
        const [judged] = await auth.batch([
          {
            text: "select kernel.sign_in($1, $2, $3, $4, $5, $6, $7::jsonb, $8) as person",
            values: [email, derived, sha256(token), request.id, request.ip, request.device, fresh === null ? null : JSON.stringify(fresh.recipe), fresh?.verifier ?? null],
          },
        ]);
        if (typeof judged?.rows[0]?.["person"] !== "string") throw new Problem("wrong-credentials");
        respond.startSession(token, sessionSeconds);
        return { signedIn: true as const };
      },
    }),
  ];
}

const hands = ({ id, ip, device }: Asked): [string, string, string] => [id, ip, device];

function personRoutes(): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/sign-out",
      summary: "End this session",
      answer: nothing,
      status: 204,
      handle: async ({ scope, request, respond }) => {
        // The cookie goes only after the session is dead: a sign-out that failed must not look like one.
        await scope.run({ text: "select kernel.sign_out($1, $2, $3, $4)", values: [scope.caller.tokenHash, ...hands(request)] });
        respond.endSession();
      },
    }),
    personRoute({
      method: "GET",
      path: "/auth/me",
      summary: "Who is signed in, and their organizations",
      answer: Type.Object({
        person: Type.Object({ id: uuid, email: Type.String(), name: Type.String() }),
        organizations: Type.Array(
          Type.Object({
            slug: Type.String(),
            name: Type.String(),
            memberId: uuid,
            roles: Type.Array(Type.String()),
            permissions: Type.Array(Type.String()),
            locale: Type.String(),
            timeZone: Type.String(),
            currency: Type.String(),
            demo: Type.Boolean(),
          }),
        ),
      }),
      handle: async ({ scope }) => {
        const { rows } = await scope.run({ text: "select kernel.who($1) as who", values: [scope.caller.tokenHash] });
        // kernel.who builds just this object; the answer schema drops anything else.
        return rows[0]?.["who"] as never;
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/organizations",
      summary: "Open another organization, with oneself as its owner",
      body: newOrganization,
      limit: "sign-in",
      answer: Type.Object({ organization: Type.String() }),
      status: 201,
      handle: async ({ scope, body }) => {
        const organization = organizationOf(body);
        await scope.run({
          text: "select kernel.open_organization($1, $2::jsonb)",
          values: [scope.caller.tokenHash, JSON.stringify(organization)],
        });
        return { organization: String(organization["slug"]) };
      },
    }),
    personRoute({
      method: "GET",
      path: "/auth/sessions",
      summary: "Every device that is signed in as oneself",
      answer: Type.Object({
        items: Type.Array(
          Type.Object({
            id: uuid,
            device: Type.Union([Type.String(), Type.Null()]),
            ip: Type.Union([Type.String(), Type.Null()]),
            createdAt: Type.String(),
            lastSeenAt: Type.Union([Type.String(), Type.Null()]),
            current: Type.Boolean(),
          }),
        ),
      }),
      handle: async ({ scope }) => {
        const { rows } = await scope.run({
          text: `select id, device, host(ip) as ip, created_at as "createdAt", last_seen_at as "lastSeenAt", this_one as current from kernel.sessions($1)`,
          values: [scope.caller.tokenHash],
        });
        return { items: rows as never };
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/sessions/:id",
      summary: "End one of one's own sessions; when this has answered, nothing of it answers any more",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        await scope.run({
          text: "select kernel.end_session($1, $2, $3, $4, $5)",
          values: [scope.caller.tokenHash, params.id, ...hands(request)],
        });
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/sessions",
      summary: "End all of one's own sessions but this one",
      answer: Type.Object({ ended: Type.Integer() }),
      handle: async ({ scope, request }) => {
        const { rows } = await scope.run({
          text: "select kernel.end_session($1, null, $2, $3, $4) as ended",
          values: [scope.caller.tokenHash, ...hands(request)],
        });
        return { ended: Number(rows[0]?.["ended"]) };
      },
    }),
  ];
}

function invitationRoutes({ auth, hashing }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "GET",
      path: "/auth/invitations/:token",
      openBecause: "the invited person has no account yet; the link is the credential",
      summary: "What an invitation says",
      params: Type.Object({ token: tokenField }),
      answer: Type.Object({
        organization: Type.String(),
        slug: Type.String(),
        email: Type.String(),
        roles: Type.Array(Type.String()),
        invitedBy: Type.Union([Type.String(), Type.Null()]),
        expiresAt: Type.String(),
        known: Type.Boolean(),
      }),
      handle: async ({ params }) => {
        const [told] = await auth.batch([{ text: "select kernel.invitation($1) as told", values: [sha256(params.token)] }]);
        return told?.rows[0]?.["told"] as never;
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/invitations/:token",
      openBecause: "the invited person has no account yet; the link is the credential",
      summary: "Join the organization with a new account",
      limit: "sign-in",
      params: Type.Object({ token: tokenField }),
      body: Type.Object({ name: nameField, password: passwordField }, strict),
      answer: Type.Object({ organization: Type.String() }),
      handle: async ({ params, body, request, respond }) => {
        const ticket = sha256(params.token);
        const [told] = await auth.batch([{ text: "select kernel.invitation($1) as told", values: [ticket] }]);
        // kernel.invitation raises unless the link is good, and then says whom it is for.
        const { email, organization } = told?.rows[0]?.["told"] as { email: string; organization: string };
        const kept = await keptPassword(body.password, { words: [body.name, email, organization], config: hashing, pointer: "/password", source: request.ip });
        const token = newToken();
        const [joined] = await auth.batch([
          {
            text: "select kernel.accept_invitation($1, null, $2, $3::jsonb, $4, $5, $6, $7, $8) as slug",
            values: [ticket, body.name.trim(), JSON.stringify(kept.recipe), kept.verifier, sha256(token), ...hands(request)],
          },
        ]);
        respond.startSession(token, sessionSeconds);
        return { organization: String(joined?.rows[0]?.["slug"]) };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/invitations/:token/accept",
      summary: "Join the organization with the account that is signed in",
      params: Type.Object({ token: tokenField }),
      answer: Type.Object({ organization: Type.String() }),
      handle: async ({ scope, params, request }) => {
        const { rows } = await scope.run({
          text: "select kernel.accept_invitation($1, $2, null, null, null, null, $3, $4, $5) as slug",
          values: [sha256(params.token), scope.caller.tokenHash, ...hands(request)],
        });
        return { organization: String(rows[0]?.["slug"]) };
      },
    }),
  ];
}
