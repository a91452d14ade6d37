import type { Result, Statement } from "../../foundation/database/index.ts";
import type { Caller, Entered } from "./scope.ts";

/** A binding for reading that the database will take from its credential again, in place of judging it anew. */
export interface Pass {
  readonly present: Statement;
  readonly entered: Entered;
}

/** What this process knows of passes. It decides nothing: the database looks at each pass whenever it is presented. */
export interface PassBook {
  /** The pass of a caller with these needs; "wanted" when this is not their first request, and a pass would pay. */
  find(caller: Caller, needs: readonly string[]): Pass | "wanted" | null;
  /** Keeps what kernel.mint_pass answered, if that was a pass. */
  keep(caller: Caller, needs: readonly string[], pass: Buffer, entered: Entered): void;
  /** Forgets a pass that the database did not take. */
  drop(caller: Caller, needs: readonly string[]): void;
}

/** Bounds memory; the oldest gives way, and is judged anew at its next request. */
const passesMax = 20_000;

/** SQLSTATE of a presented pass that is no longer good. */
export const spentCode = "RF410";

const presentText = "select kernel.present($1, $2)";
export const mintPass: Statement = { text: "select * from kernel.mint_pass()", values: [] };

/** An empty book. Passes are kept by credential, organization, address and needs: a pass serves what it was made for. */
export function createPassBook(): PassBook {
  const known = new Map<string, Pass | "wanted">();
  const write = (key: string, entry: Pass | "wanted"): void => {
    if (known.size >= passesMax && !known.has(key)) known.delete(known.keys().next().value ?? "");
    known.set(key, entry);
  };
  return {
    find: (caller, needs) => {
      if (!onlyReads(needs)) return null;
      const key = keyOf(caller, needs);
      const entry = known.get(key);
      if (entry === undefined) write(key, "wanted");
      return entry ?? null;
    },
    keep: (caller, needs, pass, entered) => {
      const present = { text: presentText, values: [caller.tokenHash, pass] };
      write(keyOf(caller, needs), { present, entered });
    },
    drop: (caller, needs) => {
      known.delete(keyOf(caller, needs));
    },
  };
}

function onlyReads(needs: readonly string[]): boolean {
  return needs.length > 0 && needs.every((need) => need.endsWith(".read"));
}

function keyOf({ tokenHash, organization, ip }: Caller, needs: readonly string[]): string {
  return `${tokenHash.toString("latin1")}|${organization ?? "/"}|${ip}|${needs.join()}`;
}

/** The pass in an answer of kernel.mint_pass, or null. */
export function passFrom(result: Result | undefined): Buffer | null {
  const pass = result?.rows[0]?.["pass"];
  return Buffer.isBuffer(pass) ? pass : null;
}
