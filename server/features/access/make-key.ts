import type { KeyClass } from "../../../contract/api-key.ts";
import type { Statement } from "../../foundation/database/index.ts";
import { newApiKey, sha256 } from "../../foundation/ids/index.ts";
import type { Asked } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { onlyOnce } from "../administration/index.ts";
import { environmentOf, type Key, refuseReplay, shownKey } from "./key-fields.ts";

interface Making {
  readonly class: KeyClass;
  /** What was asked for, by which a try that comes again is known. */
  readonly asked: object;
  /** Keeps the digest and the hint of the new key, and answers with its id. */
  readonly keep: (digest: Buffer, hint: string) => Statement;
}

/** Makes a key, at most once for each Idempotency-Key; this answer is the only place where it is ever shown. */
export function makeKey(scope: TenantScope, request: Asked, making: Making): Promise<Key & { key: string }> {
  return scope.tx(async (t) => {
    const { token, id: hint } = newApiKey(making.class, await environmentOf(t));
    const { id, replayed } = await onlyOnce(t, request.idempotencyKey(), making.asked, async () => {
      const { rows } = await t.run(making.keep(sha256(token), hint));
      return String(rows[0]?.["id"]);
    });
    refuseReplay(replayed);
    return { ...(await shownKey(t, id)), key: token };
  });
}
