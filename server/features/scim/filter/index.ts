export { type Column, columnAt, type Columns, conditionOf } from "./compile.ts";
export { type Filter, parseFilter, type Value } from "./parse.ts";
export { unreadable } from "./token.ts";
