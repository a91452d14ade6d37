export { EgressRefusal } from "./egress-refusal.ts";
export { type EgressOptions, type GuardedFetch, guardedFetch, type Outgoing } from "./guarded-fetch.ts";
export { type Lookup } from "./resolve.ts";
export { type TextRecords, textRecords } from "./text-records.ts";
