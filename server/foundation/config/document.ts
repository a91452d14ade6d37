import { type Source, sourceOf } from "./read-config.ts";
import type { Setting } from "./setting.ts";
import { type Config, settingEntries as entries } from "./settings.ts";

/** One line of `config explain`; `value` is text for people and never a secret. */
export interface Explained {
  readonly setting: string;
  readonly value: string;
  readonly source: Source;
  readonly why: string;
}

/** Every setting with its value and where that came from; a secret only says that it is set. */
export function explain(config: Config): readonly Explained[] {
  return entries.map(([name, setting]) => {
    const source = sourceOf(config, name);
    const hidden = setting.secret && config[name] !== null;
    return {
      setting: setting.env,
      value: hidden ? "(set, not shown)" : source === "default" ? defaultOf(setting) : shown(config[name]),
      source,
      why: setting.why,
    };
  });
}

/** The text of `.env.example`: every setting, commented out, with its default and its reason. */
export function envExample(): string {
  const head = [
    "# Every setting of Ringfence. None is needed: with nothing set it runs with its own database in ./data.",
    "# Written by `npm run docs` from server/foundation/config/settings.ts. Unknown RINGFENCE_ names are refused.",
    "# A secret can also be read from a file: NAME_FILE=/path instead of NAME=value.",
  ];
  const blocks = entries.map(([, setting]) =>
    [
      ...wrapped(setting.why, 108).map((line) => `# ${line}`),
      `# Default: ${defaultOf(setting)}${setting.secret ? ". A secret." : ""}`,
      setting.secret ? `# Example: ${setting.example}` : null,
      `#${setting.env}=${setting.secret ? "" : setting.example}`,
    ].filter((line) => line !== null),
  );
  return `${[head, ...blocks].map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The page docs/generated/configuration.md. */
export function configurationPage(): string {
  const rows = entries.map(([, setting]) => {
    const name = setting.secret ? `\`${setting.env}\` or \`${setting.env}_FILE\`` : `\`${setting.env}\``;
    return `| ${name} | ${cell(defaultOf(setting))} | ${cell(setting.example)} | ${cell(setting.why)} |`;
  });
  return `# Configuration

Ringfence is configured by environment variables. None is needed: with nothing set, one process listens on this
machine and keeps everything in \`./data\`. Written from \`server/foundation/config/settings.ts\`; do not edit by hand.

- All faults are reported at once, by name and never by value; the start is refused with exit code 78.
- An unknown name that begins with \`RINGFENCE_\` is refused, so that a slip of the pen cannot pass for a setting.
- A secret can be read from a file: set \`NAME_FILE\` to its path instead of \`NAME\`. Setting both is refused, a file
  that everybody may write is refused, and one that everybody may read is warned about.
- An empty variable counts as not set, but an empty secret is refused.
- \`ringfence config explain\` prints every value and where it came from; secrets are never shown.

| Name | Default | Example | What it is for |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function defaultOf({ otherwise, otherwiseMeans }: Setting<unknown>): string {
  return otherwiseMeans ?? shown(otherwise);
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
