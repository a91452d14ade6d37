import { Type } from "@sinclair/typebox";
import { openRoute } from "./route.ts";

/** Hands a page of ours the token that its unsafe requests must carry; other sites cannot read the answer. */
export const csrfRoute = openRoute({
  method: "GET",
  path: "/auth/csrf",
  summary: "A token for X-CSRF-Token, bound to this browser",
  operation: "csrfToken",
  openBecause:
    "sign-in itself needs the token, so nobody can be signed in yet; the answer is unreadable to other origins",
  answer: Type.Object({ token: Type.String() }),
  handle: ({ respond }) => ({ token: respond.csrfToken() }),
});
