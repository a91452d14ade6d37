import { describe, expect, test } from "vitest";
import { type ApiDocument, clientTypes, functionName } from "./client-types.ts";
import { typeOfSchema } from "./schema-type.ts";

const none = new Map<string, string>();
const thing = { type: "object", required: ["id"], properties: { id: { type: "string" } } } as const;

const document: ApiDocument = {
  paths: {
    "/v1/things": {
      get: {
        operationId: "list_things",
        summary: "List things",
        "x-needs": ["thing.read"],
        parameters: [{ name: "limit", in: "query", required: false, schema: { type: "integer" } }],
        responses: {
          "200": {
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["items"],
                  properties: { items: { type: "array", items: thing } },
                },
              },
            },
          },
        },
      },
      post: {
        operationId: "create_thing",
        parameters: [],
        requestBody: { content: { "text/csv": { schema: { type: "string" } } } },
        responses: { "201": { content: { "application/json": { schema: thing } } } },
      },
    },
    "/v1/things/{id}": {
      get: {
        operationId: "read_thing",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { "200": { content: { "application/json": { schema: thing } } }, default: {} },
      },
      delete: {
        operationId: "deleteThing",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { "204": {} },
      },
    },
    "/auth/me": { get: { operationId: "getAuthMe", parameters: [], responses: {} } },
  },
};

describe("the types of the API", () => {
  const text = clientTypes(document);

  test("name each kind of record once, and use the name", () => {
    expect(text.match(/export interface Thing \{/g)).toHaveLength(1);
    expect(text).toContain("readonly items: readonly Thing[];");
    expect(text).toContain("readonly answer: Thing;");
  });

  test("say what each operation takes, answers and needs", () => {
    expect(text).toContain("/** List things. Needs thing.read. */");
    expect(text).toContain("readonly query?: {\n      readonly limit?: number | undefined;\n    };");
    expect(text).toContain('readThing: { method: "GET", path: "/v1/things/{id}" }');
    expect(text).toContain('createThing: { method: "POST", path: "/v1/things", sends: "text/csv" }');
    expect(text).toContain("readonly body: string | Uint8Array<ArrayBuffer>;");
    expect(text).toContain("readonly answer: void;");
  });

  test("leave out what only a browser's session can do", () => {
    expect(text).not.toContain("AuthMe");
  });

  test("are the same for the same document", () => {
    expect(clientTypes(document)).toBe(text);
  });

  test("refuse two operations of one name", () => {
    const { get } = document.paths["/v1/things"] ?? {};
    if (get === undefined) throw new Error("the document lists things");
    expect(() => clientTypes({ paths: { ...document.paths, "/v1/other": { get } } })).toThrow("listThings");
  });
});

test.each([
  ["list_own_fields", "listOwnFields"],
  ["getOrganization", "getOrganization"],
])("%s is %s", (id, name) => expect(functionName(id)).toBe(name));

test.each([
  [{ type: ["string", "null"] }, "string | null"],
  [{ enum: ["a", "b"] }, '"a" | "b"'],
  [{ const: true, type: "boolean" }, "true"],
  [{ anyOf: [{ type: "integer" }, { type: "null" }, { type: "number" }] }, "number | null"],
  [{ type: "array", items: { type: ["string", "null"] } }, "readonly (string | null)[]"],
  [
    { type: "object", patternProperties: { "^(.*)$": { type: "boolean" } } },
    "Readonly<Record<string, boolean>>",
  ],
  [{}, "unknown"],
])("the schema %j is %s", (schema, type) => expect(typeOfSchema(schema, none)).toBe(type));
