import { Type } from "@sinclair/typebox";
import type { Asked } from "../../http/index.ts";

export const strict = { additionalProperties: false };
export const reason = Type.String({ minLength: 1, maxLength: 500, pattern: "\\S" });
/** The number of the support case, so that both sides find it again. */
export const reference = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
export const organization = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{1,47}$" });
/** Whose hands an act is in, as the kernel functions take it. */
export const hands = ({ id, ip, device }: Asked): [string, string, string] => [id, ip, device];
export const hours = Type.Integer({ minimum: 1, maximum: 24 });
export const permissions = Type.Array(Type.String({ pattern: "^[a-z_]+\\.[a-z_]+$" }), {
  minItems: 1,
  maxItems: 500,
  uniqueItems: true,
});
