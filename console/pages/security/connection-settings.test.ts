import { describe, expect, test } from "vitest";
import { changedSettings, textsOf } from "./connection-settings.ts";

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;

const stored = {
  oidc: {
    issuer: "https://login.example",
    clientId: "abc",
    tokenAuth: "client_secret_post",
    idTokenAlg: "ES256",
    scopes: ["openid", "email", "groups"],
    secondFactor: { amr: ["mfa"] },
    unheardOf: { by: "this form" },
  },
  saml: {
    entityId: "urn:a",
    signOnUrl: "https://idp.example/sso",
    certificates: [`${pem("AAA")}\n`, `${pem("BBB")}\n`],
    skewSeconds: 90,
    allowsUnsolicited: true,
    attributes: { email: "mail" },
  },
} as const;

describe("the settings of a connection in a form", () => {
  test.each(["oidc", "saml"] as const)("of %s change nothing that was not touched", (kind) => {
    const connection = { kind, settings: stored[kind] };
    expect(changedSettings(connection, textsOf(connection))).toBeUndefined();
  });

  test("of a draft leave out what is empty, and the blanks around a pasted value", () => {
    const draft = { kind: "oidc", settings: {} } as const;
    const typed = { ...textsOf(draft), issuer: " https://login.example ", clientId: "abc" };
    expect(changedSettings(draft, typed)).toEqual({
      issuer: "https://login.example",
      clientId: "abc",
      tokenAuth: "client_secret_basic",
    });
  });

  test("name only what was changed, and take away what was emptied", () => {
    const connection = { kind: "oidc", settings: { ...stored.oidc, groupsClaim: "teams" } } as const;
    const typed = { ...textsOf(connection), clientId: "another", groupsClaim: " " };
    expect(changedSettings(connection, typed)).toEqual({ clientId: "another", groupsClaim: null });
  });

  test("take several certificates apart", () => {
    const connection = { kind: "saml", settings: stored.saml } as const;
    const typed = { ...textsOf(connection), certificates: `${pem("BBB")}\n\n${pem("CCC")}\n` };
    expect(changedSettings(connection, typed)).toEqual({ certificates: [pem("BBB"), pem("CCC")] });
  });

  test("of lists, numbers, switches and what stands in one another go there and back", () => {
    const oidc = { kind: "oidc", settings: stored.oidc } as const;
    expect(textsOf(oidc)).toMatchObject({ scopes: "openid email groups", "secondFactor.amr": "mfa" });
    expect(
      changedSettings(oidc, { ...textsOf(oidc), scopes: "openid, email", "secondFactor.acr": "2 3" }),
    ).toEqual({ scopes: ["openid", "email"], secondFactor: { amr: ["mfa"], acr: ["2", "3"] } });
    expect(changedSettings(oidc, { ...textsOf(oidc), "secondFactor.amr": "" })).toEqual({
      secondFactor: null,
    });
    const saml = { kind: "saml", settings: stored.saml } as const;
    const typed = {
      ...textsOf(saml),
      skewSeconds: "30",
      allowsUnsolicited: "",
      "attributes.groups": "memberOf",
    };
    expect(changedSettings(saml, typed)).toEqual({
      skewSeconds: 30,
      allowsUnsolicited: null,
      attributes: { email: "mail", groups: "memberOf" },
    });
    expect(changedSettings(saml, { ...textsOf(saml), skewSeconds: "a minute" })).toEqual({
      skewSeconds: "a minute",
    });
  });
});
