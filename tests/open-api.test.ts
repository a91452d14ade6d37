import { expect, test } from "vitest";
import { openApi } from "../server/http/index.ts";
import { declaredRoutes } from "./declared-routes.ts";

// What the document says of the doors as they are declared; the document's own shape is tested in server/http.

interface Operation {
  readonly parameters: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

const document = openApi(declaredRoutes(), { title: "", version: "1", publicUrl: "http://localhost" });
// openApi builds just this, and returns it as plain JSON.
const paths = document["paths"] as Record<string, Record<string, Operation>>;

function headersOf(method: string, path: string): string[] {
  const operation = paths[path]?.[method];
  expect(operation, `${method} ${path}`).toBeDefined();
  return (operation?.parameters ?? []).filter((one) => one.in === "header").map(({ name }) => name);
}

test.each([
  ["patch", "/v1/contacts/{id}", ["X-CSRF-Token", "If-Match"]],
  ["post", "/v1/contacts/{id}/archive", ["X-CSRF-Token", "If-Match"]],
  ["post", "/v1/contacts/{id}/restore", ["X-CSRF-Token", "If-Match"]],
  ["patch", "/v1/members/{id}", ["X-CSRF-Token", "If-Match"]],
  ["patch", "/v1/organization", ["X-CSRF-Token", "If-Match"]],
  ["post", "/v1/contacts", ["X-CSRF-Token", "Idempotency-Key"]],
  ["post", "/v1/keys", ["X-CSRF-Token", "Idempotency-Key"]],
  ["post", "/v1/invitations", ["X-CSRF-Token", "Idempotency-Key"]],
  ["post", "/v1/imports", ["X-CSRF-Token"]],
  ["get", "/v1/contacts", []],
])("%s %s is said to heed the headers that its handler reads", (method, path, headers) => {
  expect(headersOf(method, path)).toEqual(headers);
});

test.each([
  ["/v1/contacts/export.csv", "text/csv"],
  ["/v1/imports/{id}/errors.csv", "text/csv"],
  ["/v1/audit-events/export.csv", "text/csv"],
  ["/v1/audit-events/export.jsonl", "application/jsonl"],
  ["/v1/contacts", "application/json"],
])("%s is said to answer with %s", (path, type) => {
  expect(Object.keys(paths[path]?.["get"]?.responses["200"]?.content ?? {})).toEqual([type]);
});
