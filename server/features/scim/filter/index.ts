export { type Column, columnAt, type Columns, conditionOf } from "./compile.ts";
export { describedBy, matches } from "./matches.ts";
export { type Filter, parseFilter, type Value } from "./parse.ts";
export { unreadable } from "./token.ts";
