import { Type } from "@sinclair/typebox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { proves } from "../../tests/proves.ts";
import { bearer, type Trial, trialServer } from "../../tests/trial-server.ts";
import { route } from "./index.ts";

// Types of content that a framework took for JSON when it parsed, and for something else when it looked for what validates it.

proves("LIM-6");

let trial: Trial;
let handled = 0;
const create = route({
  method: "POST",
  path: "/contacts",
  needs: ["contact.read"],
  body: Type.Object({ name: Type.String() }),
  answer: Type.Object({}),
  handle: async ({ scope }) => {
    handled += 1;
    await scope.run({ text: "select", values: [] });
    return {};
  },
});
beforeAll(async () => {
  trial = await trialServer([create]);
});
afterAll(() => trial.server.close());

const send = async (type: string, payload: string): Promise<number> => {
  const headers = { authorization: bearer, "content-type": type };
  return (await trial.server.inject({ method: "POST", url: "/v1/contacts", headers, payload })).statusCode;
};

test.each([
  [
    "CVE-2025-32442: blanks and capitals",
    ["application/json ; charset=utf-8", "application/ json", "APPLICATION/JSON ;"],
  ],
  [
    "CVE-2026-25223: tabs",
    ["application/json\t", "application/json\tx", "application/json\t; charset=utf-8"],
  ],
  ["CVE-2026-33806: a blank in front", [" application/json", "  application/json; charset=utf-8"]],
  [
    "GHSA-573f-x89g-hqp9: something behind",
    [
      "application/jsonx",
      "application/json; charset=utf-8whatever",
      "application/json;charset=utf-8;x",
      "application/json/x",
    ],
  ],
] as const)("a body of a type that is not quite JSON is read by nobody (%s)", async (_, types) => {
  expect([await send("application/json", '{"name":1}'), handled]).toEqual([422, 0]);
  for (const type of types)
    for (const payload of ['{"name":1}', '{"name":"Ada"}', "{"])
      expect([type, await send(type, payload), handled]).toEqual([type, 415, 0]);
});
