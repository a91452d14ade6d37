import { expect, test } from "vitest";
import { reviewCsv } from "./review-csv.ts";

test("each member, key, public key, invitation and grant has a line, and no name is run by a spreadsheet", () => {
  const id = "0198c0de-0000-7000-8000-000000000001";
  const at = "2026-11-22T12:00:00.000Z";
  const csv = reviewCsv({
    members: [
      {
        id,
        name: "=1+1|'x'!A",
        email: "ada@example.com",
        kind: "person",
        roles: ["owner", "admin"],
        since: at,
        lastSeenAt: null,
        secondFactor: false,
        secondFactorBy: "provider",
        breakGlass: false,
        answerable: null,
        flags: ["no-second-factor"],
      },
      {
        id,
        name: "Robot",
        email: "service-1@acme.invalid",
        kind: "service",
        roles: ["viewer"],
        since: at,
        lastSeenAt: at,
        secondFactor: false,
        secondFactorBy: null,
        breakGlass: false,
        answerable: "ada@example.com",
        flags: ["service-account"],
      },
    ],
    keys: [
      {
        id,
        name: null,
        hint: "8Zk4Q2mX7aBc",
        class: "secret",
        owner: "ada@example.com",
        madeBy: "ada@example.com",
        permissions: null,
        networks: null,
        createdAt: at,
        lastSeenAt: null,
        expiresAt: at,
        flags: [],
      },
    ],
    publicKeys: [
      {
        id,
        name: "Signer",
        thumbprint: "x",
        alg: "ES256",
        owner: "service-1@acme.invalid",
        madeBy: null,
        createdAt: at,
        lastSeenAt: null,
        expiresAt: null,
      },
    ],
    invitations: [{ id, email: "new@example.com", roles: ["viewer"], expiresAt: at }],
    supportGrants: [
      {
        id,
        email: "help@example.com",
        permissions: ["contact.read"],
        reason: "Ticket 7",
        until: at,
        firstUsedAt: null,
      },
    ],
    lastSignOff: null,
  });
  const lines = csv.trimEnd().split("\r\n");
  expect(lines.map((line) => line.split(",")[0])).toEqual([
    "what",
    "member",
    "service account",
    "secret key",
    "public key",
    "invitation",
    "support grant",
  ]);
  expect(lines[1]).toContain("'=1+1");
  expect(lines[1]).toContain(",owner admin,");
  expect(lines[3]).toContain("whatever its owner may");
});
