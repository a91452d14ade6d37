let token: Promise<string> | null = null;

/** The token that unsafe cookie requests must carry; fetched once, and again after `forgetCsrf`. */
export function csrfToken(): Promise<string> {
  token ??= fetchToken();
  return token;
}

/** Drops the known token: it is bound to the session, so signing in or out makes it worthless. */
export function forgetCsrf(): void {
  token = null;
}

async function fetchToken(): Promise<string> {
  try {
    const response = await fetch("/auth/csrf", { headers: { accept: "application/json" } });
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null && "token" in body && typeof body.token === "string") {
      return body.token;
    }
  } catch {
    token = null;
    return "";
  }
  token = null;
  return "";
}
