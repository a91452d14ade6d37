import { analytics } from "./promises/analytics.ts";
import { audit } from "./promises/audit.ts";
import { calling } from "./promises/calling.ts";
import { crm } from "./promises/crm.ts";
import { encryption } from "./promises/encryption.ts";
import { isolation } from "./promises/isolation.ts";
import { lifecycle } from "./promises/lifecycle.ts";
import { limits } from "./promises/limits.ts";
import { operations } from "./promises/operations.ts";
import { residency } from "./promises/residency.ts";
import { roles } from "./promises/roles.ts";
import { signIn } from "./promises/sign-in.ts";
import { trust } from "./promises/trust.ts";
import { webhooks } from "./promises/webhooks.ts";
import type { Vow } from "./promises/promise.ts";

/** Everything that Ringfence promises, chapter by chapter. Ids never change; wording may. */
export const chapters = [
  isolation,
  residency,
  encryption,
  signIn,
  roles,
  audit,
  limits,
  webhooks,
  lifecycle,
  crm,
  analytics,
  calling,
  operations,
  trust,
] as const;

type Ids<C> = C extends { readonly promises: infer P } ? keyof P & string : never;

/** The id of a promise, as tests name it: `proves("ISO-1")`. */
export type PromiseId = Ids<(typeof chapters)[number]>;

/** All promises by id. */
export const promises: ReadonlyMap<string, Vow> = new Map(
  chapters.flatMap((chapter) => Object.entries<Vow>(chapter.promises)),
);
