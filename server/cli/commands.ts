import type { Command } from "./command.ts";
import { bootstrap } from "./bootstrap.ts";
import { configExplain } from "./config-explain.ts";
import { databaseUrl } from "./database-url.ts";
import { demoRemove, demoSeed } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { emergencyAllow, emergencyForbid, emergencyList } from "./emergency.ts";
import { edgeRules } from "./edge-rules.ts";
import { networksClear } from "./networks.ts";
import { operatorAdd, operatorList, operatorRemove } from "./operator.ts";
import { outbox } from "./outbox.ts";
import { refusals } from "./refusals.ts";
import { rotateSigning } from "./rotate-signing.ts";
import { ownerRestore } from "./owner.ts";
import { sessionsEnd } from "./sessions.ts";
import { start } from "./start.ts";
import { version } from "./version.ts";

/** Every command, in the order in which `ringfence help` lists them. A new one is a file and a line here. */
export const commands: readonly Command[] = [
  start,
  bootstrap,
  doctor,
  edgeRules,
  outbox,
  refusals,
  rotateSigning,
  networksClear,
  ownerRestore,
  sessionsEnd,
  operatorAdd,
  operatorRemove,
  operatorList,
  emergencyAllow,
  emergencyForbid,
  emergencyList,
  demoSeed,
  demoRemove,
  configExplain,
  databaseUrl,
  version,
];
