import { expect } from "vitest";
import { at, type Staff, type SupportGround } from "./support-ground.ts";

/** What a row of the trail says of something that one of the platform's staff looked at. */
export interface Look {
  readonly door: string | undefined;
  readonly record: string | null;
}

export const look = (door: string, record: string | null = null): Look => ({ door, record });

/** Somebody of the staff with a grant of acme. */
export interface Inside extends Staff {
  readonly grant: string;
}

export async function inside(ground: SupportGround, more: object = {}): Promise<Inside> {
  const staff = await ground.operator();
  const { id } = await ground.granted(staff.email, more);
  return { ...staff, grant: id };
}

/** All that an owner of acme reads in the trail of what this person looked at, the oldest first. */
export async function looksOf({ acme }: SupportGround, { email }: Staff): Promise<Look[]> {
  const found: Look[] = [];
  let after: string | null = null;
  do {
    const page = await acme.browser.get(
      at(
        `/audit-events?action=look&actor=${encodeURIComponent(email)}&limit=200${after === null ? "" : `&after=${after}`}`,
      ),
    );
    expect(page.status).toBe(200);
    for (const { after: said, resourceId } of page.json.items)
      found.push({ door: said.door, record: resourceId });
    after = page.json.next;
  } while (after !== null);
  return found.toReversed();
}

/** As if so many seconds had gone by since each look was written. */
export async function laterBy(seconds: number, { superuser }: SupportGround): Promise<void> {
  await superuser.query("update kernel.support_look set at = at - make_interval(secs => $1)", [seconds]);
}
