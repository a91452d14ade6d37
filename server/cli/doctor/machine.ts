import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname, resolve } from "node:path";
import { type Config, warningsOf } from "../../foundation/config/index.ts";
import { sharingFault } from "../../kernel/limits/index.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** Settings that hold together but are probably not meant. */
export function settingsFindings(config: Config): Finding[] {
  const doubts = warningsOf(config).map(({ name, fault }) =>
    warn("settings", `${name} ${fault}`, "See docs/generated/configuration.md."),
  );
  return doubts.length > 0 ? doubts : [ok("settings", "All settings are valid and none is doubtful.")];
}

/** Whether the port is free, or answers as a server of ours. */
export async function portFindings({ host, port }: Config): Promise<Finding[]> {
  if (port === 0) return [ok("port", "Any free port is taken at the start.")];
  const fault = await listening(host, port);
  if (fault === null) return [ok("port", `${host}:${port} is free.`)];
  if (fault === "EADDRINUSE" && (await answersAsOurs(host, port))) {
    return [ok("port", `A Ringfence server answers at ${host}:${port}.`)];
  }
  return [
    fail(
      "port",
      `${host}:${port} cannot be used (${fault}).`,
      "End what uses it, or set PORT or RINGFENCE_HOST.",
    ),
  ];
}

function listening(host: string, port: number): Promise<string | null> {
  return new Promise((resolvePort) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolvePort(error.code ?? "unknown"));
    probe.listen(port, host, () => probe.close(() => resolvePort(null)));
  });
}

function answersAsOurs(host: string, port: number): Promise<boolean> {
  return new Promise((resolveAnswer) => {
    const socket = connect({ host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port });
    let heard = "";
    socket.setTimeout(2000, () => socket.destroy());
    socket.on("connect", () =>
      socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", (chunk: Buffer) => {
      heard = (heard + chunk.toString("latin1")).slice(0, 4096);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolveAnswer(heard.includes('{"status":"ok"}')));
  });
}

const gibibyte = 2 ** 30;

/** Room for the database, or for what uploads pass through. */
export async function diskFindings({ dataFolder }: Config): Promise<Finding[]> {
  const place = nearestExisting(resolve(dataFolder));
  const { bavail, blocks, bsize } = await statfs(place);
  const [free, all] = [bavail * bsize, blocks * bsize];
  const said = `${(free / gibibyte).toFixed(1)} of ${(all / gibibyte).toFixed(1)} GiB are free at ${place}.`;
  const fix = "Make room, or move RINGFENCE_DATA: a full disk stops every write.";
  if (free < gibibyte / 2) return [fail("disk", said, fix)];
  return [free < 5 * gibibyte || free < all / 20 ? warn("disk", said, fix) : ok("disk", said)];
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}

/** Where letters go. */
export function mailFindings({ smtpUrl }: Config): Finding[] {
  return smtpUrl === null
    ? [
        warn(
          "mail",
          "No relay is set: nothing is mailed, invitations and links for new passwords included.",
          "Set RINGFENCE_SMTP_URL, or hand links on from `ringfence outbox`.",
        ),
      ]
    : [ok("mail", "A relay is set.")];
}

/** Where requests are counted, and what happens while that place does not answer. */
export async function limitFindings({ redisUrl, limitWhenRedisIsDown }: Config): Promise<Finding[]> {
  if (redisUrl === null) return [ok("limits", "Counted in each process; REDIS_URL would share them.")];
  const fault = await sharingFault(redisUrl);
  const refuses = limitWhenRedisIsDown === "refuse";
  const without = refuses ? "all requests are refused" : "each node counts alone";
  if (fault === null) return [ok("limits", `Shared through Redis; while it is down, ${without}.`)];
  const [said, fix] = [`${fault} Until then ${without}.`, "Mend Redis or REDIS_URL."];
  return [refuses ? fail("limits", said, fix) : warn("limits", said, fix)];
}
