import type { FieldFault } from "../../contract/problem.ts";

const depthMax = 32;
const faultsMax = 20;

interface Part {
  readonly value: object;
  readonly pointer: string;
  readonly depth: number;
}

/**
 * Looks through parsed JSON for what no schema can forbid everywhere: names that reach prototypes or choose a
 * tenant, text that PostgreSQL cannot store, whole numbers that JavaScript cannot hold, and bottomless nesting.
 */
export function screenInput(value: unknown): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  const parts: Part[] = [];
  const look = (found: unknown, pointer: string, depth: number): void => {
    if (typeof found === "object" && found !== null) parts.push({ value: found, pointer, depth });
    const detail = faultOf(found);
    if (detail !== null) faults.push({ pointer, detail });
  };
  look(value, "", 0);
  for (let part = parts.pop(); part !== undefined && faults.length < faultsMax; part = parts.pop()) {
    if (part.depth >= depthMax)
      return [{ pointer: part.pointer.slice(0, 200), detail: "is nested too deeply" }];
    for (const [name, inner] of Object.entries(part.value)) {
      const pointer = `${part.pointer}/${pointerSegment(name)}`;
      const detail = Array.isArray(part.value) ? null : nameFault(name, inner);
      if (detail === null) look(inner, pointer, part.depth + 1);
      else faults.push({ pointer, detail });
    }
  }
  return faults;
}

/** A name as one step of a JSON pointer (RFC 6901), cut short. */
export function pointerSegment(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Whether the name would choose the tenant, which only the credential does. */
export function choosesTenant(name: string): boolean {
  return tenantName.test(name);
}

export const tenantDetail =
  "is not taken from what is sent: the credential and the address name the organization";

const tenantName = /^(?:tenant|organi[sz]ation)[_-]?id$/i;
/** NUL, which PostgreSQL refuses, and halves of surrogate pairs, which are no text. */
export const unstorable = /[\u0000\p{Surrogate}]/u;

function faultOf(found: unknown): string | null {
  if (typeof found === "string") {
    return unstorable.test(found)
      ? "holds a character that cannot be stored (NUL or half a surrogate pair)"
      : null;
  }
  if (typeof found !== "number") return null;
  if (!Number.isFinite(found)) return "is too large a number";
  return Number.isInteger(found) && !Number.isSafeInteger(found)
    ? "is too large a whole number; send it as text"
    : null;
}

function nameFault(name: string, inner: unknown): string | null {
  if (choosesTenant(name)) return tenantDetail;
  if (name === "__proto__") return "is not a name that can be used";
  if (name === "constructor" && typeof inner === "object") return "is not a name that can be used";
  return unstorable.test(name) ? "is not a name that can be used" : null;
}
