export { type Asked, hands, type KeptCookie, type Respond } from "./asked.ts";
export type { Dialect } from "./dialect.ts";
export { explainFault } from "./explain-fault.ts";
export type { Arrival, BrowserSigns, Gate, Refusal } from "./gate.ts";
export type { Probe } from "./health.ts";
export { blocksOf, ratesOf } from "./configured-limits.ts";
export { promisedRates, type Rate, type Rates } from "./limits.ts";
export type { Mounted } from "./mount.ts";
export type { EdgeRule, EdgeRules } from "./edge-rules.ts";
export { openApi } from "./open-api.ts";
export { plainDoors } from "./plain-doors.ts";
export {
  type BurstClass,
  type Method,
  type Need,
  type Needs,
  type OpenContext,
  type OpenRoute,
  openRoute,
  type PersonContext,
  type PersonRoute,
  personRoute,
  type ProtocolRoute,
  protocolRoute,
  type Route,
  route,
  type TenantContext,
  type TenantRoute,
} from "./route.ts";
export { buildServer, type Server, type ServerOptions } from "./server.ts";
export { nothing, type Streaming, streaming } from "./streaming.ts";
export { eventSchema } from "./resource/event-schema.ts";
export { listQuery, wishOf } from "./resource/list-query.ts";
export { need, readNeeds, type ResourceDoors } from "./resource/resource-doors.ts";
export { resourceRoutes } from "./resource-routes.ts";
