export { removeDemo, type Removed } from "./remove.ts";
export { demoState, type DemoSignIn, seedDemo, type SeedOptions, signInToDemo } from "./seed.ts";
export type { Workshop } from "./hands.ts";
