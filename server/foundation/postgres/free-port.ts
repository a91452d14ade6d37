import { createServer } from "node:net";
import { randomBytes } from "../ids/index.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";

// Below the ports that Linux (32768) and macOS (49152) give to outgoing connections: a remembered one stays free.
const portFirst = 20_000;
const portCount = 12_000;
const triesMax = 50;

interface Wish {
  /** What the operator demands: this one or none. */
  readonly demanded: number | undefined;
  /** What the last start had: kept while it is free, so that noted addresses stay right. */
  readonly remembered: number | undefined;
}

/** A loopback port that is free right now. */
export async function choosePort({ demanded, remembered }: Wish): Promise<number> {
  if (demanded !== undefined) {
    if (await isFree(demanded)) return demanded;
    throw new PostgresRefusal({
      detail: `Port ${demanded} on 127.0.0.1 is taken by another program.`,
      remedy: "Free it, name another one, or name none to have a free one picked.",
    });
  }
  if (remembered !== undefined && (await isFree(remembered))) return remembered;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = portFirst + (randomBytes(4).readUInt32BE() % portCount);
    if (await isFree(port)) return port;
  }
  throw new PostgresRefusal({
    detail: `No free port found on 127.0.0.1 between ${portFirst} and ${portFirst + portCount}.`,
    remedy: "Name a port that is free.",
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
