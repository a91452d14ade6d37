export type { Begun, BlockRules, Blocks, Ended } from "./blocks.ts";
export { blocksInMemory } from "./blocks-in-memory.ts";
export type { Charge, Decision, Limiter } from "./limiter.ts";
export { limiterInMemory } from "./limiter-in-memory.ts";
