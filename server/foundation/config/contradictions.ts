import { onThisMachine } from "./addresses.ts";
import type { Misstep } from "./misconfigured.ts";
import type { Config } from "./settings.ts";

/** Settings that are each valid but cannot hold together. */
export function contradictions(config: Config): Misstep[] {
  const faults: Misstep[] = [];
  if (config.smtpUrl !== null && config.mailFrom === null) {
    faults.push({ name: "RINGFENCE_MAIL_FROM", fault: "is needed, since RINGFENCE_SMTP_URL is set" });
  }
  if (config.blockSeconds > config.blockSecondsMax) {
    faults.push({
      name: "RINGFENCE_BLOCK_SECONDS",
      fault: "must not be longer than RINGFENCE_BLOCK_SECONDS_MAX",
    });
  }
  return faults;
}

/** What holds together but is probably not meant, or weaker than it should be. */
export function doubts(config: Config): Misstep[] {
  const warnings: Misstep[] = [];
  if (config.publicUrl === null && !onThisMachine(config.host)) {
    warnings.push({
      name: "RINGFENCE_PUBLIC_URL",
      fault:
        "is not set though the server listens beyond this machine; links in mail would not work elsewhere",
    });
  }
  if (config.databaseUrl !== null && mayTravelOpen(config.databaseUrl)) {
    warnings.push({ name: "DATABASE_URL", fault: "does not demand TLS; end it in sslmode=verify-full" });
  }
  if (config.smtpUrl !== null && mailTravelsOpen(config.smtpUrl)) {
    warnings.push({
      name: "RINGFENCE_SMTP_URL",
      fault: "turns TLS off; anyone on the way can read the mail",
    });
  }
  const redis = config.redisUrl === null ? null : new URL(config.redisUrl);
  if (redis !== null && redis.protocol === "redis:" && !onThisMachine(redis.hostname)) {
    warnings.push({ name: "REDIS_URL", fault: "does not use TLS; begin it with rediss://" });
  }
  if (redis === null && config.limitWhenRedisIsDown === "refuse") {
    warnings.push({
      name: "RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN",
      fault: "changes nothing, since REDIS_URL is not set",
    });
  }
  return warnings;
}

function mayTravelOpen(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get("host") ?? decodeURIComponent(hostname);
  if (host === "" || host.startsWith("/") || onThisMachine(host)) return false;
  return !["require", "verify-ca", "verify-full"].includes(searchParams.get("sslmode") ?? "");
}

function mailTravelsOpen(smtpUrl: string): boolean {
  const { hostname, search } = new URL(smtpUrl);
  return search === "?tls=off" && !onThisMachine(hostname);
}
