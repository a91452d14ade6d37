import { expect, test } from "vitest";
import { sha256 } from "../../../foundation/ids/index.ts";
import { challengeOf } from "./passkeys.ts";
import { relyingParty } from "./relying-party.ts";

const challenge = Buffer.alloc(32, 7).toString("base64url");
const clientData = (told: unknown): string => Buffer.from(JSON.stringify(told)).toString("base64url");

test("a challenge is read from what was signed, in a page of our own only", () => {
  const own = { type: "webauthn.get", challenge, origin: "https://crm.example.com" };
  expect(challengeOf(clientData(own))).toEqual(sha256(challenge));
  expect(challengeOf(clientData({ ...own, crossOrigin: false }))).toEqual(sha256(challenge));
  for (const told of [
    { ...own, crossOrigin: true },
    { ...own, crossOrigin: "false" },
    { ...own, challenge: 5 },
    { ...own, challenge: challenge.slice(1) },
    { type: "webauthn.get" },
    [],
    null,
    "x",
  ])
    expect([told, challengeOf(clientData(told))]).toEqual([told, null]);
  expect(challengeOf("AAAA")).toBeNull();
});

test("passkeys are made for the host of the configured address, whatever its port and path", () => {
  expect(relyingParty("https://crm.example.com")).toEqual({
    id: "crm.example.com",
    origin: "https://crm.example.com",
  });
  expect(relyingParty("http://localhost:3000/")).toEqual({
    id: "localhost",
    origin: "http://localhost:3000",
  });
});
