import { isIP } from "node:net";
import type { Script } from "./script.ts";
import { within } from "./within.ts";

/** One connection, good until it breaks. */
export interface Link {
  /** Runs a script on these keys in one round trip; in two when the server has never seen it, or has forgotten it. */
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  /** Resolves with the reason once the connection has broken. */
  readonly broken: Promise<unknown>;
  /** Rejects what still waits for an answer. */
  close(): void;
}

/** No more commands than this wait for their answers. */
const waitingMax = 10_000;

/** Connects and signs in within so many milliseconds, or rejects; nothing is left open then. */
export async function openLink(url: string, withinMs: number): Promise<Link> {
  // Half a thousand files, which an installation without Redis never loads.
  const { createClient, defineScript } = await import("@redis/client");
  const client = createClient(optionsOf(url));
  const broken = new Promise<unknown>((resolve) => client.on("error", resolve));
  try {
    await within(client.connect(), withinMs);
  } catch (error) {
    client.destroy();
    throw error;
  }
  const digests = new WeakMap<Script, string>();
  const digestOf = (script: Script): string => {
    const known = digests.get(script);
    if (known !== undefined) return known;
    const { SHA1 } = defineScript({
      SCRIPT: script.text,
      parseCommand: () => undefined,
      transformReply: () => undefined,
    });
    digests.set(script, SHA1);
    return SHA1;
  };
  return {
    async run(script, keys, values) {
      const rest = [String(keys.length), ...keys, ...values];
      try {
        return await client.sendCommand(["EVALSHA", digestOf(script), ...rest]);
      } catch (error) {
        if (!isForgotten(error)) throw error;
        return client.sendCommand(["EVAL", script.text, ...rest]);
      }
    },
    broken,
    close: () => client.destroy(),
  };
}

/** The library neither waits, retries nor reconnects: who uses a link decides what happens without it. */
function optionsOf(url: string) {
  const { protocol, hostname } = new URL(url);
  const name = isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? { servername: hostname } : {};
  const plain = { reconnectStrategy: false } as const;
  const secured = { ...plain, ...name, tls: true, rejectUnauthorized: true } as const;
  return {
    url,
    RESP: 2,
    socket: protocol === "rediss:" ? secured : plain,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    commandsQueueMaxLength: waitingMax,
    commandOptions: { timeout: 0 },
  } as const;
}

function isForgotten(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
