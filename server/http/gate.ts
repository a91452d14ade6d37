import type { ProblemKey } from "../../contract/problem.ts";
import type { Caller, PersonScope, TenantScope, Whose } from "../kernel/tenancy/index.ts";

/**
 * All that the doors know of the security kernel: handed in, so that no door can open a connection of its own.
 *
 * Invariant: a scope is ended as soon as its handler (or the stream that it answered with) is over; it refuses
 * everything from then on.
 */
export interface Gate {
  /**
   * Authority to do exactly `needs`. Nothing is checked until its first statement, which enters in the same round trip.
   * `look` says what is looked at, for the organization's trail; it is called for the platform's staff only.
   */
  scopeFor(
    caller: Caller,
    needs: readonly string[],
    signal: Abandoned,
    look: () => string,
  ): TenantScope & Endable;
  personScope(caller: Caller, signal: Abandoned): PersonScope & Endable;
  /** Whose this credential is, and the organization if they belong to it; null for what nobody has. For counting only: nothing is judged. */
  whose(caller: Caller, signal: Abandoned): Promise<Whose | null>;
  /** Writes down a refusal, in a transaction of its own. Never awaited, never throws. */
  recordRefusal(refusal: Refusal): void;
  /** Looks at a session that was just opened, before its browser is given it: whether the sign-in is an unusual one. */
  sessionOpened(arrival: Arrival): Promise<void>;
}

/** A browser that has just signed in. */
export interface Arrival {
  readonly token: string;
  /** By what the browser is known again; it keeps this in a cookie. */
  readonly mark: string;
  readonly requestId: string;
  readonly ip: string;
  readonly device: string;
  readonly signs: BrowserSigns;
}

/** What browsers send along by themselves, and programs that pretend to be one often forget; worth nothing as evidence. */
export interface BrowserSigns {
  /** Whether it said in which languages it wants its answers. */
  readonly language: boolean;
  /** Whether it said where the request came from (Fetch Metadata). */
  readonly metadata: boolean;
  /** Whether it said of itself that a program drives it (WebDriver, `navigator.webdriver`). */
  readonly driven: boolean;
}

/** What of an AbortSignal is promised: enough to stop a query whose client has gone away. */
export interface Abandoned {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

interface Endable {
  end(): void;
}

/** A request that was turned away, as the audit trail keeps it. */
export interface Refusal {
  /** Null when no credential was shown. */
  readonly caller: Caller | null;
  readonly requestId: string;
  readonly ip: string;
  readonly device: string;
  /** The declared address, such as `GET /contacts/:id`; never the one that was typed. */
  readonly operation: string;
  readonly problem: ProblemKey;
}
