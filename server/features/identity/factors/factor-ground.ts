import type { Result, Statement } from "../../../foundation/database/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";

/** Runs a statement as the door of sign-in: a pool, or the scope of a signed-in person. */
export type Ask = (statement: Statement) => Promise<Result | undefined>;

interface KnownTotp {
  readonly id: string;
  /** Sealed, in base64. */
  readonly secret: string;
  readonly lastStep: number;
  readonly confirmed: boolean;
}

export interface KnownPasskey {
  /** The name by which the authenticator knows it, in base64. */
  readonly id: string;
  readonly transports: readonly string[];
}

/** What kernel.factor_ground tells: whose proof is to be checked, and against what. */
export interface FactorGround {
  readonly person: string;
  readonly email: string;
  readonly name: string;
  /** By the database's clock, which is one for all nodes. */
  readonly seconds: number;
  readonly totp: readonly KnownTotp[];
  readonly passkeys: readonly KnownPasskey[];
  readonly backupCodesLeft: number;
}

/** The ground of a session, or of a sign-in that waits; throws `not-signed-in` where there is none (any more). */
export async function factorGround(ask: Ask, tokenHash: Buffer, waiting: boolean): Promise<FactorGround> {
  const told = await asked(ask, "select kernel.factor_ground($1, $2) as told", [tokenHash, waiting]);
  if (told === null) throw nothingWaits();
  // kernel.factor_ground builds just this object.
  return told as FactorGround;
}

/** The first value of the first row. */
export async function asked(ask: Ask, text: string, values: readonly unknown[]): Promise<unknown> {
  const result = await ask({ text, values });
  const [value] = Object.values(result?.rows[0] ?? {});
  return value ?? null;
}

/** A sign-in that was finished, given up or tried too often: the first factor comes first again. */
export function nothingWaits(): Problem {
  return new Problem("not-signed-in", { detail: "This sign-in is over. Begin again." });
}
