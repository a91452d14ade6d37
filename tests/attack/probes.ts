import { canary, type Probe, probe } from "./probe.ts";
import { contorted, lookedFor } from "./undeclared-probes.ts";

/** Methods that no address takes, or not this one. */
const methods = [
  ...["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].flatMap((method) =>
    ["/", "/livez", "/openapi.json", "/problems/not-found", "/auth/me"].map((target) =>
      probe(`${method} ${target}`, 405, target, { method }),
    ),
  ),
  probe("TRACE of a list", 405, "/v1/contacts", { method: "TRACE" }),
  probe("OPTIONS of a list, as a preflight", 405, "/v1/contacts", {
    method: "OPTIONS",
    headers: ["Origin: https://evil.example", "Access-Control-Request-Method: DELETE"],
  }),
  probe("DELETE of a list", 405, "/v1/contacts", { method: "DELETE" }),
  ...["PROPFIND", "MKCOL", "SEARCH", "PURGE", "LINK", "SUBSCRIBE", "MERGE"].map((method) =>
    probe(`${method} of a list`, 405, "/v1/contacts", { method }),
  ),
  ...["DEBUG", "TRACK", "BREW", "get", "GET1"].map((method) =>
    probe(`${method}, which is no method`, 400, "/v1/contacts", { method }),
  ),
  probe("a method in the query", 422, "/o/acme/v1/contacts?_method=DELETE", { as: "owner" }),
];

/** Queries that say more, or something else, than what is declared. */
const queries = [
  probe("an undeclared field", 422, `/o/acme/v1/contacts?undeclared=${canary}`, { as: "owner" }),
  probe("one value twice", 422, `/o/acme/v1/contacts?limit=1&limit=${canary}`, { as: "owner" }),
  probe("a list's brackets", 422, `/o/acme/v1/contacts?limit[]=${canary}`, { as: "owner" }),
  probe("an object's brackets", 422, `/o/acme/v1/contacts?limit[$gt]=${canary}`, { as: "owner" }),
  probe("a prototype", 422, `/o/acme/v1/contacts?__proto__[admin]=${canary}`, { as: "owner" }),
  probe("a constructor", 422, `/o/acme/v1/contacts?constructor.prototype.a=${canary}`, { as: "owner" }),
  probe("a NUL", 422, `/o/acme/v1/contacts?q=${canary}%00`, { as: "owner" }),
  probe("broken UTF-8", 400, `/o/acme/v1/contacts?q=${canary}%ff`, { as: "owner" }),
  probe("a broken escape", 400, `/o/acme/v1/contacts?q=${canary}%`, { as: "owner" }),
  probe("SQL in a number", 422, `/o/acme/v1/contacts?limit=1%20or%201=1--${canary}`, { as: "owner" }),
  probe("SQL in an order", 422, `/o/acme/v1/contacts?sort=name;drop%20table%20${canary}`, { as: "owner" }),
  probe("a hundred and one values", 400, `/o/acme/v1/contacts?${"a=1&".repeat(101)}`, { as: "owner" }),
  probe("an address of 9 KiB", 413, `/v1/contacts?q=${canary.repeat(660)}`),
  probe("an id that is not there", 404, "/o/acme/v1/contacts/", { as: "owner" }),
  probe("an id that is none", 404, `/o/acme/v1/contacts/1%20or%201=1`, { as: "owner" }),
  probe("a script for an id", 404, `/o/acme/v1/contacts/%3Cscript%3E${canary}`, { as: "owner" }),
];

/** A body for `POST contacts`, as somebody who may create one. */
const sent = (name: string, status: number, body: string | Buffer, type = "application/json"): Probe =>
  probe(name, status, "/o/acme/v1/contacts", {
    method: "POST",
    as: "owner",
    headers: type === "" ? [] : [`Content-Type: ${type}`],
    body,
  });
const ada = `{"firstName":"${canary}"}`;

const bodies = [
  sent("an undeclared field", 422, `{"firstName":"Ada","undeclared":"${canary}"}`),
  sent("a field of the machinery", 422, `{"firstName":"Ada","version":"${canary}"}`),
  sent("a tenant of one's own choice", 422, `{"firstName":"Ada","tenantId":"${canary}"}`),
  sent("a prototype", 422, `{"firstName":"Ada","__proto__":{"admin":"${canary}"}}`),
  sent("a deep prototype", 422, `{"firstName":"Ada","custom":{"__proto__":{"admin":"${canary}"}}}`),
  sent("a constructor", 422, `{"firstName":"Ada","constructor":{"prototype":{"admin":"${canary}"}}}`),
  sent("a name twice", 400, `{"firstName":"Ada","firstName":"${canary}"}`),
  sent("a name twice, once escaped", 400, `{"firstName":"Ada","\\u0066irstName":"${canary}"}`),
  sent("a deep name twice", 400, `{"firstName":"Ada","custom":{"a":"${canary}","a":1}}`),
  sent("a NUL", 422, `{"firstName":"${canary}\\u0000"}`),
  sent("half a surrogate pair", 422, `{"firstName":"${canary}\\ud800"}`),
  sent("an operator in place of a text", 422, `{"firstName":{"$ne":"${canary}"}}`),
  sent("a list in place of a text", 422, `{"firstName":["${canary}"]}`),
  sent("a list in place of an object", 422, `[{"firstName":"${canary}"}]`),
  sent("a text in place of an object", 422, `"${canary}"`),
  sent("nothing", 422, ""),
  sent("a number beyond all bounds", 422, `{"firstName":1e999}`),
  sent("a thousand levels", 422, `${'{"a":'.repeat(1000)}"${canary}"${"}".repeat(1000)}`),
  sent("twenty thousand levels", 422, `${"[".repeat(20_000)}${"]".repeat(20_000)}`),
  sent("JSON that ends too early", 400, `{"firstName":"${canary}"`),
  sent("JSON with more behind it", 400, `${ada}{"firstName":"Eve"}`),
  sent("JSON with a comment", 400, `{"firstName":/*${canary}*/"Ada"}`),
  sent("JSON with single quotes", 400, `{'firstName':'${canary}'}`),
  sent("a byte order mark twice", 400, `\ufeff\ufeff${ada}`),
  sent("bytes that are no UTF-8", 400, Buffer.from(`{"firstName":"${canary}\u00ff"}`, "latin1")),
  sent("UTF-16", 400, Buffer.from(ada, "utf16le")),
  sent("a body of 70 KiB", 413, `{"firstName":"${canary.repeat(5_200)}"}`),
  ...[
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/xml",
    "application/xml",
    "application/x-java-serialized-object",
    "application/x-yaml",
    "text/csv",
    "application/json; charset=utf-7",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    "application/json\ta",
    "application/json;;",
    "application/jsonx",
    "application/merge-patch+json",
    "json",
    "*/*",
    `${canary}/${canary}`,
    "%{(#_='multipart/form-data').(#cmd='id')}",
    "",
  ].map((type) => sent(`a body as ${type === "" ? "nothing" : type}`, 415, ada, type)),
  probe("a compressed body", 415, "/o/acme/v1/contacts", {
    method: "POST",
    as: "owner",
    headers: ["Content-Type: application/json", "Content-Encoding: gzip"],
    body: ada,
  }),
  probe("a body where none belongs", 400, "/o/acme/v1/contacts", { as: "owner", body: ada }),
  probe("XML with an entity", 415, "/o/acme/v1/contacts", {
    method: "POST",
    as: "owner",
    headers: ["Content-Type: application/xml"],
    body: `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>${canary}&x;</a>`,
  }),
];

/** Headers that contradict one another, or are no headers. */
const headers = [
  probe("a header of 20 KiB", 413, "/livez", { headers: [`X-A: ${canary.repeat(1500)}`] }),
  probe("a hundred and fifty headers", 413, "/livez", { headers: Array(150).fill(`X-A: ${canary}`) }),
  probe("a NUL in a header", 400, "/livez", { headers: [`X-A: ${canary}\u0000`] }),
  probe("a folded header", 400, "/livez", { headers: [`X-A: a\r\n ${canary}`] }),
  probe("a blank before the colon", 400, "/livez", { headers: [`X-A : ${canary}`] }),
  probe("two hosts", 400, "/livez", { headers: [`Host: ${canary}`] }),
  probe("two origins", 400, "/livez", {
    headers: ["Origin: https://a.example", "Origin: https://b.example"],
  }),
  probe("two lengths", 400, "/livez", { headers: ["Content-Length: 0", "Content-Length: 7"] }),
  probe("a length and chunks", 400, "/livez", {
    headers: ["Content-Length: 5", "Transfer-Encoding: chunked"],
  }),
  probe("an unknown transfer", 400, "/livez", { headers: ["Transfer-Encoding: chunked, x"] }),
  probe("a key that is none", 401, "/v1/contacts", { headers: [`Authorization: Basic ${canary}`] }),
  probe("an unknown key", 401, "/v1/contacts", { headers: [`Authorization: Bearer ${canary}${canary}`] }),
  probe("a token that signs itself with nothing", 401, "/v1/contacts", {
    headers: ["Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."],
  }),
  probe("an unknown session", 401, "/o/acme/v1/contacts", {
    headers: [`Cookie: __Host-sid=${"x".repeat(43)}`],
  }),
  probe("a session twice", 400, "/o/acme/v1/contacts", {
    headers: [`Cookie: __Host-sid=${"x".repeat(43)}; __Host-sid=${"y".repeat(43)}`],
  }),
  probe("two credentials", 400, "/o/acme/v1/contacts", {
    as: "owner",
    headers: [`Authorization: Bearer ${canary}${canary}`],
  }),
  probe("a form of another site", 403, "/auth/sign-in", {
    method: "POST",
    headers: ["Sec-Fetch-Site: cross-site", "Content-Type: text/plain"],
    body: `{"email":"a@b.example","password":"${canary}"}`,
  }),
];

/** Every probe: what scanners, fuzzers and the usual exploits send. */
export const corpus: readonly (readonly [string, readonly Probe[]])[] = [
  ["addresses that scanners look for", lookedFor],
  ["contorted addresses", contorted],
  ["methods", methods],
  ["queries", queries],
  ["bodies", bodies],
  ["headers", headers],
];
