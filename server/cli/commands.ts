import type { Listed } from "./command.ts";

/**
 * Every command, in the order in which `ringfence help` lists them. A new one is a file and an entry here.
 *
 * A command's file is loaded when it is typed: whoever asks for help, or for the version, does not wait for the server.
 */
export const commands: readonly Listed[] = [
  {
    name: "start",
    does: "Starts the server, with its own PostgreSQL unless DATABASE_URL names one.",
    load: async () => (await import("./start.ts")).start,
  },
  {
    name: "bootstrap",
    does: "Sets up a new installation without a browser: first organization, owner and API key, printed once.",
    load: async () => (await import("./bootstrap.ts")).bootstrap,
  },
  {
    name: "doctor",
    does: "Looks an installation over, attacks it a little, and says what to mend; ends with 1 if anything failed.",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "edge-rules",
    does: "Prints rules by which a proxy refuses what the server would refuse: undeclared addresses and methods, large bodies, floods.",
    load: async () => (await import("./edge-rules.ts")).edgeRules,
  },
  {
    name: "outbox",
    does: "Shows mail that waits, with its links; the organization's audit trail says that you looked.",
    load: async () => (await import("./outbox.ts")).outbox,
  },
  {
    name: "refusals",
    does: "Shows who was turned away where no organization's trail has it: wrong passwords, dead links, keys that are none.",
    load: async () => (await import("./refusals.ts")).refusals,
  },
  {
    name: "keys rotate-signing",
    does: "Has the next key sign access tokens from now on, and publishes a new next one; tokens that are out stay good.",
    load: async () => (await import("./rotate-signing.ts")).rotateSigning,
  },
  {
    name: "networks clear",
    does: "Opens an organization again that its list of networks has locked; its audit trail says so.",
    load: async () => (await import("./networks.ts")).networksClear,
  },
  {
    name: "owner restore",
    does: "Makes a link, good once, that lets an owner back in who has lost every factor; the audit trail says so.",
    load: async () => (await import("./owner.ts")).ownerRestore,
  },
  {
    name: "sessions end",
    does: "Ends every session of everybody, as after a backup was restored; every audit trail says so.",
    load: async () => (await import("./sessions.ts")).sessionsEnd,
  },
  {
    name: "operator add",
    does: "Makes a member of the platform's own organization one of its staff, who may be let into others by their grant.",
    load: async () => (await import("./operator.ts")).operatorAdd,
  },
  {
    name: "operator remove",
    does: "Takes somebody from the platform's staff; every grant they have ends at once.",
    load: async () => (await import("./operator.ts")).operatorRemove,
  },
  {
    name: "operator list",
    does: "Lists the platform's staff.",
    load: async () => (await import("./operator.ts")).operatorList,
  },
  {
    name: "emergency allow",
    does: "Lets two operators together into an organization without its consent, to read for an hour; its owners are told.",
    load: async () => (await import("./emergency.ts")).emergencyAllow,
  },
  {
    name: "emergency forbid",
    does: "Lets operators in by an organization's grant only, as it is at first; ends emergency access that is live.",
    load: async () => (await import("./emergency.ts")).emergencyForbid,
  },
  {
    name: "emergency list",
    does: "Lists the emergencies in which operators asked to come in without consent, and what came of each.",
    load: async () => (await import("./emergency.ts")).emergencyList,
  },
  {
    name: "demo seed",
    does: "Makes two organizations of made-up data, and prints how to sign in to them, once.",
    load: async () => (await import("./demo.ts")).demoSeed,
  },
  {
    name: "demo remove",
    does: "Erases the demo's organizations completely; no other organization can be erased this way.",
    load: async () => (await import("./demo.ts")).demoRemove,
  },
  {
    name: "config explain",
    does: "Shows every setting with its value and where that comes from. Secrets are never shown.",
    load: async () => (await import("./config-explain.ts")).configExplain,
  },
  {
    name: "database url",
    does: "Prints the connection string of one of the narrow database roles. It holds a password.",
    load: async () => (await import("./database-url.ts")).databaseUrl,
  },
  {
    name: "version",
    does: "Says which version of Ringfence and of Node this is.",
    load: async () => (await import("./version.ts")).version,
  },
];
