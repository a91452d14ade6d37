import { csrfToken, forgetCsrf } from "./csrf.ts";
import { isProblem, ProblemError, problemFrom } from "./problem-error.ts";
import { freshProof, secondFactor, signInAgain } from "./questions.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Sending {
  readonly query?: Query;
  readonly body?: unknown;
  /** The version that this change starts from; the server refuses it with 412 when somebody was faster. */
  readonly version?: number;
  readonly signal?: AbortSignal | undefined;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Sends one request and answers with its parsed body.
 *
 * Rejects with a ProblemError and nothing else. The CSRF token is fetched when first needed and renewed once if refused. What
 * wants a fresh proof of who the person is or a second factor, or comes after their session has ended, waits for them and is then sent again.
 * The type parameter is the caller's statement about this door's answer; the server serialises through a declared shape.
 */
export async function send<T>(method: Method, path: string, sending: Sending = {}): Promise<T> {
  try {
    return await once<T>(method, path, sending);
  } catch (error) {
    if (!(await isWorthAnotherTry(method, error))) throw error;
    forgetCsrf();
    return once<T>(method, path, sending);
  }
}

async function isWorthAnotherTry(method: Method, error: unknown): Promise<boolean> {
  if (isProblem(error, "fresh-proof-needed")) return freshProof.ask();
  // What was only to be shown has a screen of its own, with a button.
  if (isProblem(error, "second-factor-needed")) return method !== "GET" && secondFactor.ask();
  if (!isProblem(error, "not-signed-in")) return method !== "GET" && isProblem(error, "csrf-refused");
  // A session that has just got a new token refuses what was on its way with the old one: that is asked again.
  return method === "GET" || signInAgain.ask();
}

/** A path with its query; empty values are left out, so that a cleared filter leaves no trace in the address. */
export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** A fresh Idempotency-Key; getRandomValues also works where the page is not a secure context. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function once<T>(method: Method, path: string, { query, body, version, signal }: Sending): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (version !== undefined) headers["if-match"] = `"v${version}"`;
  // Said by the browser itself; a sign-in by a program is told to its person.
  if (navigator.webdriver) headers["x-webdriver"] = "true";
  if (method === "POST") headers["idempotency-key"] = idempotencyKey();
  if (method !== "GET") headers["x-csrf-token"] = await csrfToken();
  const response = await reach(withQuery(path, query), {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  });
  const answer = await parsed(response);
  if (!response.ok) throw problemFrom(response.status, answer);
  return answer as T; // as: see send()
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ProblemError("no-connection", undefined, {
      detail: "Check the connection; nothing that you entered is lost.",
    });
  }
}

async function parsed(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
