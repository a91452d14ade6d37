import { readConfig } from "./read-config.ts";
import type { Config } from "./settings.ts";

export { onThisMachine } from "./addresses.ts";
export { configurationPage, envExample, explain, type Explained } from "./document.ts";
export { Misconfigured, type Misstep } from "./misconfigured.ts";
export { nearestName } from "./nearest-name.ts";
export type { Config, SettingName } from "./settings.ts";
export { type Environment, readConfig, secretValues, type Source, warningsOf } from "./read-config.ts";

let loaded: Config | null = null;

/** The configuration of this process, read once. No other room looks at the environment. */
export function processConfig(): Config {
  loaded ??= readConfig(process.env);
  return loaded;
}
