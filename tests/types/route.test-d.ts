import type { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";
import { describe, expectTypeOf, test } from "vitest";
import { nothing, openRoute, personRoute, route, streaming } from "../../server/http/index.ts";
import type { PersonScope, TenantScope } from "../../server/kernel/tenancy/index.ts";

const answer = Type.Object({ id: Type.String() });
const path = "/contacts/:id";

describe("what a handler is given", () => {
  test("typed parameters, query and body", () => {
    route({
      method: "PATCH",
      path: "/contacts/:id/notes/:noteId",
      needs: ["contact.change"],
      query: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }),
      body: Type.Object({ name: Type.String(), age: Type.Optional(Type.Integer()) }),
      answer,
      handle({ scope, params, query, body }) {
        expectTypeOf(scope).toEqualTypeOf<TenantScope>();
        expectTypeOf(params).toEqualTypeOf<{ readonly id: string; readonly noteId: string }>();
        expectTypeOf(query).toEqualTypeOf<{ dryRun?: boolean }>();
        expectTypeOf(body).toEqualTypeOf<{ name: string; age?: number }>();
        return { id: params.id };
      },
    });
  });

  test("declared parameters win over those read from the path", () => {
    route({
      method: "GET",
      path: "/pages/:page",
      needs: ["contact.read"],
      params: Type.Object({ page: Type.Union([Type.Literal("a"), Type.Literal("b")]) }),
      answer,
      handle({ params, body }) {
        expectTypeOf(params.page).toEqualTypeOf<"a" | "b">();
        expectTypeOf(body).toEqualTypeOf<undefined>();
        return { id: params.page };
      },
    });
  });

  test("a streamed body is a stream, and only there may the answer be one", () => {
    route({
      method: "POST",
      path: "/imports",
      needs: ["import.create"],
      stream: true,
      answer,
      handle({ body }) {
        expectTypeOf(body).toEqualTypeOf<Readable>();
        return streaming(body, "text/csv");
      },
    });
    // @ts-expect-error this route does not stream
    route({ ...get, needs: ["contact.read"], answer, handle: () => streaming(stream, "text/csv") });
  });

  test("a person's door has a person's scope, an open door has none", () => {
    personRoute({
      method: "DELETE",
      path: "/auth/sessions/:id",
      answer: nothing,
      handle({ scope }) {
        expectTypeOf(scope).toEqualTypeOf<PersonScope>();
      },
    });
    openRoute({
      method: "GET",
      path: "/auth/setup",
      openBecause: "nobody can be signed in before there is anybody",
      answer,
      handle(context) {
        expectTypeOf(context).not.toHaveProperty("scope");
        return { id: "" };
      },
    });
  });
});

declare const stream: Readable;
const get = { method: "GET", path } as const;

describe("what does not compile", () => {
  test("a door without needs, reason or answer", () => {
    // @ts-expect-error a tenant route says what it needs
    route({ ...get, answer, handle: () => ({ id: "" }) });
    // @ts-expect-error ... at least one thing
    route({ ...get, needs: [], answer, handle: () => ({ id: "" }) });
    // @ts-expect-error ... as resource.action
    route({ ...get, needs: ["everything"], answer, handle: () => ({ id: "" }) });
    // @ts-expect-error a route says what may leave
    route({ ...get, needs: ["contact.read"], handle: () => ({ id: "" }) });
    // @ts-expect-error an open door says why
    openRoute({ ...get, answer, handle: () => ({ id: "" }) });
    // @ts-expect-error and cannot ask for a permission
    openRoute({ ...get, openBecause: "x", needs: ["contact.read"], answer, handle: () => ({ id: "" }) });
    // @ts-expect-error a path begins with a slash
    route({ method: "GET", path: "contacts", needs: ["contact.read"], answer, handle: () => ({ id: "" }) });
  });

  test("an answer or a use of the input that the declaration does not know", () => {
    // @ts-expect-error the answer has a numeric id
    route({ ...get, needs: ["contact.read"], answer, handle: () => ({ id: 1 }) });
    // @ts-expect-error there is no such parameter
    route({ ...get, needs: ["contact.read"], answer, handle: ({ params }) => ({ id: params.other }) });
    // @ts-expect-error there is no such query field
    route({ ...get, needs: ["contact.read"], answer, handle: ({ query }) => ({ id: query.other }) });
    // @ts-expect-error nobody is signed in at an open door
    openRoute({ ...get, openBecause: "x", answer, handle: ({ scope }) => ({ id: String(scope) }) });
  });
});
