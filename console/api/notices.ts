import { send, withQuery } from "./send.ts";

/** Something that happened to the person's account. */
export interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  /** The part of the address of the organization where it happened. */
  readonly organization: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly ip: string | null;
  readonly place: string | null;
  readonly device: string | null;
  readonly seen: boolean;
}

export interface Notices {
  readonly unseen: number;
  readonly items: readonly Notice[];
  readonly next: string | null;
}

/** What happened to one's account, the newest first. */
export function fetchNotices(limit: number, after?: string): Promise<Notices> {
  return send("GET", withQuery("/auth/notices", { limit, after }));
}

/** Says that one has looked at a notice and at all before it. */
export function seeNotices(upTo: string): Promise<unknown> {
  return send("POST", "/auth/notices/seen", { body: { upTo } });
}
