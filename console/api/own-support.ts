import { send } from "./send.ts";

/** Where one of the platform's staff may come in, or has asked to. */
export interface OwnGrant {
  readonly id: string;
  readonly organization: string;
  readonly state: string;
  readonly permissions: readonly string[];
  readonly reason: string;
  readonly reference: string | null;
  readonly until: string | null;
}

export interface OwnSupport {
  /** Whether one belongs to the platform's staff. */
  readonly operator: boolean;
  readonly grants: readonly OwnGrant[];
}

/** Whether one belongs to the platform's staff, and what organizations have granted. */
export function fetchOwnSupport(): Promise<OwnSupport> {
  return send("GET", "/auth/support");
}

/** Asks an organization to be let in, to read; its owners decide. */
export function askForSupport(wish: {
  readonly organization: string;
  readonly reason: string;
  readonly hours: number;
  readonly reference?: string;
}): Promise<{ readonly id: string }> {
  return send("POST", "/auth/support", { body: wish });
}

/** Gives a grant back before its time, or takes a request back. */
export function leaveSupport(id: string): Promise<unknown> {
  return send("DELETE", `/auth/support/${id}`);
}
