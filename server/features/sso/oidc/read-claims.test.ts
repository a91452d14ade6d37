import { describe, expect, test } from "vitest";
import { readClaims } from "./read-claims.ts";

const directory = "3a3d62a5-9e69-4b6a-8d6c-6d3e7b1f0c11";
const token = {
  sub: "for one application",
  tid: directory,
  oid: "object",
  email: "ada@corp.example",
  xms_edov: "1",
};
const from = (issuer: string) =>
  readClaims({ issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" }, token, null);

describe("who an issuer's subjects are", () => {
  test.each([
    `https://login.microsoftonline.com/${directory}/v2.0`,
    `https://login.microsoftonline.us/${directory}/v2.0`,
    `https://login.partner.microsoftonline.cn/${directory}/v2.0`,
    `https://sts.windows.net/${directory}/`,
  ])("%s is Entra's: its objects, and addresses that it says are its domains'", (issuer) => {
    expect(from(issuer)).toMatchObject({ subject: `${directory}.object`, emailVerified: true });
  });

  test.each([
    `https://login.microsoftonline.com.evil.example/${directory}/v2.0`,
    `https://login-microsoftonline.com/${directory}/v2.0`,
    `https://evil.example/login.microsoftonline.com/${directory}/v2.0`,
    `http://login.microsoftonline.com/${directory}/v2.0`,
    `https://login.microsoftonline.com:8443/${directory}/v2.0`,
  ])("%s is anybody's: a subject is a subject, and xms_edov says nothing", (issuer) => {
    expect(from(issuer)).toMatchObject({ subject: "for one application", emailVerified: false });
  });

  test.each([
    "https://login.microsoftonline.com/another/v2.0",
    `https://login.microsoftonline.com/another/${directory}/v2.0`,
    "https://login.microsoftonline.com/common/v2.0",
    "https://login.microsoftonline.com/",
    `https://sts.windows.net/${directory}`,
  ])("%s is not the token's directory", (issuer) => {
    expect(() => from(issuer)).toThrow("no object of this directory");
  });
});
