#!/usr/bin/env node
// The `ringfence` command. Newer Node runs the TypeScript source as it is, though none below node_modules; where it does
// not, tsx loads it. Nothing else happens here.
if (!process.features.typescript || import.meta.url.includes("/node_modules/")) {
  const { register } = await import("tsx/esm/api");
  register();
}
await import("./main.ts");
