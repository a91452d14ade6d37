import { type Static, Type } from "@sinclair/typebox";
import { idTokenAlgorithms } from "../../../../contract/id-token-algorithms.ts";
import { strict } from "../inputs.ts";

const tokenAuths = ["client_secret_basic", "client_secret_post", "private_key_jwt"] as const;
const word = Type.String({ minLength: 1, maxLength: 200, pattern: "^[\\x21-\\x7e]+$" });
const claimName = Type.String({ minLength: 1, maxLength: 100, pattern: "^[\\x21-\\x7e]+$" });

/** What an administrator says about an OpenID provider. */
export const oidcInput = Type.Object(
  {
    /** Compared byte for byte with what discovery and tokens say (OpenID Connect Discovery section 4.3). */
    issuer: Type.String({
      maxLength: 500,
      pattern: "^https?://[\\x21\\x24-\\x3b\\x3d\\x40-\\x5b\\x5d\\x5f\\x61-\\x7a\\x7e]+$",
    }),
    clientId: word,
    tokenAuth: Type.Union(tokenAuths.map((name) => Type.Literal(name))),
    idTokenAlg: Type.Optional(Type.Union(idTokenAlgorithms.map((name) => Type.Literal(name)))),
    scopes: Type.Optional(
      Type.Array(Type.String({ pattern: "^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,100}$" }), { maxItems: 20 }),
    ),
    groupsClaim: Type.Optional(claimName),
    /** Values of `amr` or `acr` that count as a second factor here; none unless named. */
    secondFactor: Type.Optional(
      Type.Object(
        {
          amr: Type.Optional(Type.Array(word, { maxItems: 20 })),
          acr: Type.Optional(Type.Array(word, { maxItems: 20 })),
        },
        strict,
      ),
    ),
  },
  strict,
);

/** The same as it is stored: with the public halves of the keys that a client with private_key_jwt signs with. */
export type OidcSettings = Static<typeof oidcInput> & {
  readonly publicKeys?: readonly Readonly<Record<string, unknown>>[];
};
