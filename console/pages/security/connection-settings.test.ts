import { describe, expect, test } from "vitest";
import { settingsFrom, textsOf } from "./connection-settings.ts";

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;

describe("the settings of a connection in a form", () => {
  test("leave out what is empty, and the blanks around a pasted value", () => {
    const texts = {
      issuer: " https://login.example ",
      clientId: "abc",
      groupsClaim: "",
      tokenAuth: "client_secret_post",
    };
    expect(settingsFrom("oidc", texts)).toEqual({
      issuer: "https://login.example",
      clientId: "abc",
      tokenAuth: "client_secret_post",
    });
  });

  test("take several certificates apart, and put them back", () => {
    const settings = settingsFrom("saml", {
      entityId: "urn:a",
      certificates: `${pem("AAA")}\n\n${pem("BBB")}\n`,
    });
    expect(settings["certificates"]).toEqual([pem("AAA"), pem("BBB")]);
    expect(settingsFrom("saml", textsOf({ kind: "saml", settings }))).toEqual(settings);
  });
});
