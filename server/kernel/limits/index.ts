export type { Begun, BlockRules, Blocks, Ended } from "./blocks.ts";
export { blocksInMemory } from "./blocks-in-memory.ts";
export type { Charge, Decision, Limiter } from "./limiter.ts";
export { limiterInMemory } from "./limiter-in-memory.ts";
export { limiterInRedis, limitTrial, type WhenRedisIsDown } from "./limiter-in-redis.ts";
export { type NodeLimiter, openLimiter, sharingFault } from "./open-limiter.ts";
