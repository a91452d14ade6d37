import { type Static, Type } from "@sinclair/typebox";
import { eventSchema } from "../../http/index.ts";

const text = Type.Union([Type.String(), Type.Null()]);

/** All that the trail says of one act: who, what, when, from where, in which session, how severe, what changed. */
export const auditEvent = Type.Composite([
  eventSchema,
  Type.Object({
    credentialId: Type.Union([Type.String({ format: "uuid" }), Type.Null()]),
    ip: text,
    device: text,
    anomaly: text,
  }),
]);
export type AuditEvent = Static<typeof auditEvent>;
