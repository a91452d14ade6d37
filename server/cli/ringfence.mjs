#!/usr/bin/env node
// The `ringfence` command. Node 20 cannot strip types, so tsx loads the source; nothing else happens here.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
