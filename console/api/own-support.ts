import { send } from "./send.ts";

/** Where one of the platform's staff may come in, or has asked to. */
export interface OwnGrant {
  readonly id: string;
  readonly organization: string;
  readonly state: string;
  readonly permissions: readonly string[];
  readonly reason: string;
  readonly reference: string | null;
  readonly askedAt: string | null;
  readonly until: string | null;
  /** Without the organization's consent: another of the staff gives it. */
  readonly emergency: boolean;
}

/** What another of the staff asks for without an organization's consent, and one may confirm. */
export interface WaitingEmergency {
  readonly id: string;
  readonly organization: string;
  readonly operator: string;
  readonly reason: string;
  readonly reference: string;
  readonly askedAt: string;
}

export interface OwnSupport {
  /** Whether one belongs to the platform's staff. */
  readonly operator: boolean;
  /** Whether this installation has emergencies at all. */
  readonly emergencyAllowed: boolean;
  /** The permissions that may be asked for at all, and those that are unless the request says otherwise. */
  readonly lendable: readonly string[];
  readonly lentByDefault: readonly string[];
  readonly grants: readonly OwnGrant[];
  readonly emergencies: readonly WaitingEmergency[];
}

/** Whether one belongs to the platform's staff, and what organizations have granted. */
export function fetchOwnSupport(): Promise<OwnSupport> {
  return send("GET", "/auth/support");
}

/** Asks an organization to be let in, for what is named; its owners decide. */
export function askForSupport(wish: {
  readonly organization: string;
  readonly permissions: readonly string[];
  readonly reason: string;
  readonly hours: number;
  readonly reference?: string;
}): Promise<{ readonly id: string }> {
  return send("POST", "/auth/support", { body: wish });
}

/** Asks to come in without the organization's consent, to read for an hour; its owners are told at once. */
export function askForEmergency(wish: {
  readonly organization: string;
  readonly reason: string;
  readonly reference: string;
}): Promise<{ readonly id: string }> {
  return send("POST", "/auth/support/emergencies", { body: wish });
}

/** Lets another of the staff in, who has asked. */
export function confirmEmergency(id: string): Promise<unknown> {
  return send("POST", `/auth/support/emergencies/${id}/confirm`);
}

/** Gives a grant back before its time, or takes a request back. */
export function leaveSupport(id: string): Promise<unknown> {
  return send("DELETE", `/auth/support/${id}`);
}
