/** What a handler may know about the request beyond its declared input. */
export interface Asked {
  /** The request's id, a UUIDv7 of our own making: log lines, audit rows and problems carry it. */
  readonly id: string;
  /** The client's address as far as configured proxies vouch for it. */
  readonly ip: string;
  /** Stands for the client's network (its /64 in IPv6): for taking turns, never for showing. */
  readonly network: string;
  /** What the client calls itself: printable, at most 200 characters, and worth nothing as evidence. */
  readonly device: string;
  /** Aborted when the client goes away before the answer. */
  readonly signal: AbortSignal;
  readonly contentType: string | null;
  /** The version that `If-Match` names; refuses the request when there is none (428) or it is not one of ours (400). */
  ifMatch(): number;
  /** The `Idempotency-Key`, or null; refuses a malformed one. */
  idempotencyKey(): string | null;
  /**
   * A header, for signed callbacks. Credentials are withheld: `cookie` and `x-csrf-token` read as absent, and so does
   * `authorization` in all but open doors.
   */
  header(name: string): string | null;
  /** A cookie that a handler has had kept, or null; neither the session's nor that of the CSRF token. */
  cookie(name: KeptCookie): string | null;
}

/** Whose hands an act is in, as the kernel's functions take it. */
export const hands = ({ id, ip, device }: Asked): [string, string, string] => [id, ip, device];

/** What browsers keep for handlers, besides the session: bound to this very host by its name (RFC 6265bis, `__Host-`). */
export type KeptCookie = `__Host-${string}`;

/** What a handler may add to its answer. */
export interface Respond {
  /** Marks the answer as this version of the thing: `ETag: "v7"`; a matching `If-None-Match` turns it into a 304. */
  etag(version: number): void;
  /** Where the thing that was just made is; a path on this server. */
  location(path: `/${string}`): void;
  /** Hands the browser its session; any session or sign-in token from before is replaced. */
  startSession(token: string): void;
  /**
   * Has the browser keep a value, out of reach of scripts and sibling domains; 0 seconds takes it away. `any-site` is for what a form of another site must
   * bring along, such as a SAML response; it proves only that this is the browser, and never that its owner acts.
   */
  keepCookie(name: KeptCookie, value: string, maxAgeSeconds: number, from?: "own-site" | "any-site"): void;
  /** Answers with a small page in place of the answer; `content` is HTML that is safe already. */
  page(title: string, content: string): void;
  /** Sends the browser elsewhere in place of the answer (303). The caller has decided that it may go there. */
  redirect(url: string): void;
  /** Takes the session away from the browser and tells it to forget what it cached; a chosen theme or column stays. */
  endSession(): void;
  /** Lets anybody keep this answer for so long; nothing that a credential was needed for may say so. */
  cacheFor(seconds: number): void;
  /** A CSRF token bound to this browser's session, or before sign-in to a cookie that is set with it. */
  csrfToken(): string;
}
