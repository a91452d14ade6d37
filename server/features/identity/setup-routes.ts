import { Type } from "@sinclair/typebox";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { foundingKey } from "../../kernel/vault/index.ts";
import { openRoute, type Route } from "../../http/index.ts";
import { deviceOf, rememberDevice, welcome } from "./first-factor.ts";
import { emailField, type IdentityOptions, nameField, passwordField, strict, tokenField } from "./inputs.ts";
import { mailAddress } from "./mail-address.ts";
import { newOrganization, organizationOf } from "./organization.ts";
import { keptPassword } from "./password-proof.ts";

/** The doors of an installation that nobody owns yet. */
export function setupRoutes({ auth, hashing, breached, keys }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "GET",
      path: "/auth/setup",
      openBecause: "the console asks whether this installation has an owner before anybody can sign in",
      summary: "Whether this installation has been set up",
      answer: Type.Object({ claimed: Type.Boolean(), region: Type.String() }),
      handle: async () => {
        const [state] = await auth.batch([
          { text: "select claimed, region from kernel.installation_state()", values: [] },
        ]);
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
        const { name, password } = body.person;
        const email = mailAddress(body.person.email, "/person/email");
        const kept = await keptPassword(password, {
          words: [name, email, String(organization["name"])],
          config: hashing,
          breached,
          pointer: "/person/password",
          source: { name: request.network, known: false },
        });
        const [token, device] = [newToken(), deviceOf(request)];
        await auth.batch([
          {
            text: "select kernel.claim_installation($1, $2::jsonb, $3, $4, $5::jsonb, $6, $7, $8, $9)",
            values: [
              sha256(body.token),
              JSON.stringify({ ...organization, ...(await foundingKey(keys)) }),
              email,
              name.trim(),
              JSON.stringify(kept.recipe),
              kept.verifier,
              sha256(token),
              request.ip,
              request.device,
            ],
          },
          rememberDevice(token, device),
        ]);
        welcome(respond, token, device);
        return { organization: String(organization["slug"]) };
      },
    }),
  ];
}
