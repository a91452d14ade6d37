import { Type } from "@sinclair/typebox";
import type { Config } from "../foundation/config/index.ts";
import { openAdministration } from "../foundation/database/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { command, json } from "./command.ts";
import { clockFindings, roleFindings, statementLogFindings, versionFindings } from "./doctor/database.ts";
import { fail, type Finding, findings } from "./doctor/finding.ts";
import { canaryFindings, catalogFindings, depthFindings, keyFindings } from "./doctor/isolation.ts";
import {
  diskFindings,
  limitFindings,
  mailFindings,
  portFindings,
  settingsFindings,
} from "./doctor/machine.ts";
import { reach, type Reached } from "./reach.ts";

export const doctor = command({
  name: "doctor",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const settings = config();
    const found = [...(await machineFindings(settings)), ...(await databaseFindings(settings))];
    say(options.json === true ? JSON.stringify({ findings: found }) : found.map(line).join("\n"));
    return found.some(({ state }) => state === "fail") ? 1 : 0;
  },
});

async function machineFindings(config: Config): Promise<Finding[]> {
  return [
    ...settingsFindings(config),
    ...(await findings("port", () => portFindings(config))),
    ...(await findings("disk", () => diskFindings(config))),
    ...(await findings("limits", () => limitFindings(config))),
    ...mailFindings(config),
  ];
}

async function databaseFindings(config: Config): Promise<Finding[]> {
  let reached: Reached;
  try {
    reached = await reach(config);
  } catch (error) {
    const detail = error instanceof Problem ? (error.detail ?? error.message) : "It cannot be reached.";
    return [
      fail("database", detail, "Start PostgreSQL or correct DATABASE_URL; `ringfence start` says more."),
    ];
  }
  try {
    return await lookedOver(config, reached);
  } finally {
    await reached.close();
  }
}

async function lookedOver(config: Config, reached: Reached): Promise<Finding[]> {
  const db = await openAdministration(reached.dsnOf("migrate"));
  const { rolePrefix: prefix } = config;
  const embedded = config.databaseUrl === null;
  try {
    return [
      ...(await findings("postgresql", () => versionFindings(db, embedded))),
      ...(await findings("clock", () => clockFindings(db))),
      ...(await findings("statement log", () => statementLogFindings(db))),
      ...(await findings("roles", () => roleFindings(db, prefix))),
      ...(await findings("isolation", () => catalogFindings(db, prefix))),
      ...(await findings("canary", () => canaryFindings(reached.dsnOf("api")))),
      ...(await findings("depth", () => depthFindings(db, prefix))),
      ...(await findings("keys", () => keyFindings(reached.door("ops"), reached.secret))),
    ];
  } finally {
    await db.close();
  }
}

function line({ check, state, detail, fix }: Finding): string {
  const mark = { ok: "ok  ", warn: "WARN", fail: "FAIL" }[state];
  return `${mark}  ${check.padEnd(14)} ${detail}${fix === null ? "" : `\n      ${" ".repeat(14)} → ${fix}`}`;
}
