import type { FastifyInstance } from "fastify";

/** Something that must work before this node takes requests: its name is shown, its fault is not. */
export interface Probe {
  readonly name: string;
  /** Requests can be served without it too; false unless given. */
  readonly optional?: boolean;
  /** Rejects, or stays silent too long, when it does not work. */
  check(): Promise<unknown>;
}

const probeMs = 2000;

/** `/livez` (this process answers) and `/readyz` (what it stands on answers too). Probes run once at a time. */
export function serveHealth(app: FastifyInstance, probes: readonly Probe[], isClosing: () => boolean): void {
  let running: Promise<Record<string, string>> | null = null;
  app.get("/livez", (_request, reply) => reply.send({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    running ??= checked(probes).finally(() => (running = null));
    const checks = await running;
    const ready = !isClosing() && !Object.values(checks).includes("failed");
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ok" : "not-ready", checks });
  });
}

async function checked(probes: readonly Probe[]): Promise<Record<string, string>> {
  const states = await Promise.all(probes.map(async (probe) => [probe.name, await stateOf(probe)] as const));
  return Object.fromEntries(states);
}

async function stateOf(probe: Probe): Promise<string> {
  if (await works(probe)) return "ok";
  return probe.optional === true ? "degraded" : "failed";
}

async function works(probe: Probe): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, probeMs, new Error("the probe took too long"));
  });
  try {
    await Promise.race([probe.check(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
