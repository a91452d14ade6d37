export { openRedis, type Redis, type RedisOptions } from "./open-redis.ts";
export type { Link } from "./open-link.ts";
export type { Script } from "./script.ts";
