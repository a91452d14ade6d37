import { Type } from "@sinclair/typebox";

const uuid = Type.String({ format: "uuid" });

/** What the audit trail says of one change. */
export const eventSchema = Type.Object({
  id: uuid,
  at: Type.String(),
  actorId: Type.Union([uuid, Type.Null()]),
  actorEmail: Type.String(),
  action: Type.String(),
  resourceType: Type.String(),
  resourceId: Type.Union([uuid, Type.Null()]),
  severity: Type.String(),
  requestId: Type.Union([uuid, Type.Null()]),
  before: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  after: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});
