import type { Pool } from "../../../foundation/database/index.ts";
import { sha256 } from "../../../foundation/ids/index.ts";
import type { Arrival } from "../../../http/index.ts";
import { deviceInWords } from "../tokens/device-words.ts";
import type { Operators } from "../tokens/operators.ts";
import type { Places } from "../tokens/places.ts";
import { looksAutomated } from "./signs-of-robot.ts";

/** What looking at a sign-in takes. */
export interface ArrivalOptions {
  readonly auth: Pool;
  readonly places: Places;
  /** Who runs their networks, as far as another one says. */
  readonly operators: Operators;
}

/**
 * Looks at each session that is opened: an unusual one is told to its person and to the trails, and must prove anew who it
 * is before it does anything dangerous. Nobody outside is asked, and nobody is turned away.
 */
export function lookAtArrivals({
  auth,
  places,
  operators,
}: ArrivalOptions): (arrival: Arrival) => Promise<void> {
  return async ({ token, mark, requestId, ip, device, signs }) => {
    const place = places.of(ip);
    const point = places.pointOf(ip);
    const operator = operators(ip);
    const values = [
      sha256(token),
      sha256(mark),
      deviceInWords(device),
      countryOf(place),
      place,
      requestId,
      ip,
      device,
      point?.latitude ?? null,
      point?.longitude ?? null,
      operator?.number ?? null,
      operator?.name ?? null,
      looksAutomated(device, signs),
    ];
    await auth.batch([
      { text: "select kernel.arrive($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", values },
    ]);
  };
}

/** "Vienna, AT" is in AT: a place ends with its country. */
export function countryOf(place: string | null): string | null {
  return place?.split(", ").at(-1) ?? null;
}
