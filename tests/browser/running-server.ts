import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { prepared } from "../prepared-installation.ts";
import { startProduct, surroundings } from "../running-product.ts";
import { buildConsole } from "./console-build.ts";

const root = join(import.meta.dirname, "..", "..");

const program = "server/cli/ringfence.mjs";

export interface RunningServer {
  readonly origin: string;
  /** The one-time link that the start has printed. */
  readonly setupLink: string;
  /** Runs a command of the product on this installation, as whoever runs it would, and returns what it says: `command("operator", "add", …)`. */
  command(...words: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

interface Kind {
  /** Passkeys want it to be called by a name. */
  readonly host?: "127.0.0.1" | "localhost";
  /** Begins with nothing, as only the very first start does. */
  readonly fresh?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

/** The real product as `npm start` runs it, with a data folder and a database of its own. */
export async function startServer({
  host = "127.0.0.1",
  fresh = false,
  settings = {},
}: Kind = {}): Promise<RunningServer> {
  await buildConsole();
  const product = await startProduct([process.execPath, program, "start"], {
    ...(fresh ? {} : { fill: prepared }),
    settings: (port) => ({
      ...(host === "localhost" ? { RINGFENCE_PUBLIC_URL: `http://localhost:${port}` } : {}),
      ...settings,
    }),
  });
  const command = async (...words: readonly string[]): Promise<string> => {
    const options = { cwd: root, env: { ...surroundings(), ...product.env }, timeout: 60_000 };
    return (await promisify(execFile)(process.execPath, [program, ...words], options)).stdout;
  };
  try {
    const [setupLink] = await product.hears(/https?:\/\/\S+\/setup#token=[\w-]+/u);
    return { origin: `http://${host}:${product.port}`, setupLink, command, stop: product.stop };
  } catch (error) {
    await product.stop();
    throw error;
  }
}
