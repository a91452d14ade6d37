import { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { route, streaming, type TenantRoute } from "../../http/index.ts";
import { strict, uuid } from "./key-fields.ts";
import { type Review, reviewed } from "./review.ts";
import { reviewCsv } from "./review-csv.ts";

const needs = ["security.read", "member.read", "key.read"] as const;

/** The review of access that an organization makes every quarter: everybody and everything that gets in, and the sign-off. */
export function reviewRoutes(): TenantRoute[] {
  return [readReview, exportReview, signOff];
}

const readReview = route({
  method: "GET",
  path: "/access-review",
  summary:
    "Everybody and everything with access: members, keys, service accounts, grants, and what deserves a second look",
  needs,
  answer: reviewed,
  handle: ({ scope }) => review(scope),
});

const exportReview = route({
  method: "GET",
  path: "/access-review/export.csv",
  summary: "The same as CSV, safe to open in a spreadsheet",
  operation: "export_access_review_csv",
  needs: [...needs, "security.export"],
  limit: "export",
  stream: true,
  answer: Type.String(),
  handle: async ({ scope }) =>
    streaming(
      Readable.from([reviewCsv(await review(scope))]),
      "text/csv; charset=utf-8",
      "access-review.csv",
    ),
});

const signOff = route({
  method: "POST",
  path: "/access-review/sign-offs",
  summary:
    "Say that everybody with access was gone over; the trail keeps who said so, and how much there was",
  needs: ["security.read", "member.read", "key.read", "security.change"],
  body: Type.Object(
    { note: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, pattern: "\\S" })) },
    strict,
  ),
  status: 201,
  answer: Type.Object({ id: uuid }),
  handle: async ({ scope, body }) => {
    const { rows } = await scope.run({
      text: "select kernel.sign_off_review($1) as id",
      values: [body.note?.trim() ?? null],
    });
    return { id: String(rows[0]?.["id"]) };
  },
});

async function review(scope: TenantScope): Promise<Review> {
  const { rows } = await scope.run({ text: "select kernel.access_review() as told", values: [] });
  // kernel.access_review builds just this object; the answer's schema drops anything else.
  return rows[0]?.["told"] as Review;
}
