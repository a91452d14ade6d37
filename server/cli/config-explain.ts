import { Type } from "@sinclair/typebox";
import { explain, warningsOf } from "../foundation/config/index.ts";
import { command, json } from "./command.ts";

export const configExplain = command({
  name: "config explain",
  options: Type.Object({ json }),
  run({ options, config, say }) {
    const settings = explain(config());
    const warnings = warningsOf(config());
    if (options.json === true) return say(JSON.stringify({ settings, warnings }, null, 2));
    const width = Math.max(...settings.map(({ setting }) => setting.length));
    for (const { setting, value, source } of settings) {
      say(`${setting.padEnd(width)}  ${source.padEnd(11)}  ${value}`);
    }
    for (const { name, fault } of warnings) say(`\nWarning: ${name} ${fault}.`);
  },
});
