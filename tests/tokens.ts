import { expect } from "vitest";
import type { Answer } from "./client.ts";
import type { TestServer } from "./server.ts";

/** What POST /auth/tokens answers. */
export interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
}

/** Tokens that this session stands behind, for one organization or for all of its person's. */
export async function tokensFor(server: TestServer, session: string, organization?: string): Promise<Pair> {
  const body = organization === undefined ? {} : { organization };
  const { status, json } = await server.browserOf(session).post("/auth/tokens", body);
  expect(status).toBe(201);
  return json;
}

/** Changes a refresh token as a program would: no cookie, no CSRF token. */
export function refresh(
  server: TestServer,
  refreshToken: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return server.stranger().send("POST", "/auth/tokens/refresh", { body: { refreshToken }, headers });
}
