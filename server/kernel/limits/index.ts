export type { Charge, Decision, Limiter } from "./limiter.ts";
export { limiterInMemory } from "./limiter-in-memory.ts";
