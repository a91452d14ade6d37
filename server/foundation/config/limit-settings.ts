import { redisUrl } from "./addresses.ts";
import { oneOf, wholeNumber } from "./parsers.ts";
import { setting } from "./setting.ts";

/** How many requests are let through, and where they are counted. */
export const limitSettings = {
  limitPerIpPerMinute: setting({
    env: "RINGFENCE_LIMIT_PER_IP_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 1000,
    why: "Requests per minute from one address, signed in or not.",
    example: "2000",
  }),
  limitPerPersonPerMinute: setting({
    env: "RINGFENCE_LIMIT_PER_PERSON_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 100,
    why: "Requests per minute that one person may make with API keys.",
    example: "300",
  }),
  limitConsolePerMinute: setting({
    env: "RINGFENCE_LIMIT_CONSOLE_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 600,
    why: "Requests per minute that one person may make with the console's session cookie; a page makes several at once.",
    example: "1200",
  }),
  limitPerTenantPerMinute: setting({
    env: "RINGFENCE_LIMIT_PER_TENANT_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 10_000,
    why: "Requests per minute of one organization, with all its people and keys, so that none takes the others' share.",
    example: "30000",
  }),
  limitSignInPerMinute: setting({
    env: "RINGFENCE_LIMIT_SIGN_IN_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 30,
    why: "Sign-ins, and whatever else takes a password or a link, per minute from one address.",
    example: "60",
  }),
  limitImportPerHour: setting({
    env: "RINGFENCE_LIMIT_IMPORT_PER_HOUR",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 30,
    why: "Acts on imports per hour of one person.",
    example: "120",
  }),
  limitExportPerHour: setting({
    env: "RINGFENCE_LIMIT_EXPORT_PER_HOUR",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 30,
    why: "Exports per hour of one person.",
    example: "60",
  }),
  limitBulkPerMinute: setting({
    env: "RINGFENCE_LIMIT_BULK_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 60,
    why: "Requests per minute in which one person changes or archives many records at once.",
    example: "120",
  }),
  limitSendPerMinute: setting({
    env: "RINGFENCE_LIMIT_SEND_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 60,
    why: "Requests per minute with which one person has mail sent, such as invitations.",
    example: "20",
  }),
  limitFailureCost: setting({
    env: "RINGFENCE_LIMIT_FAILURE_COST",
    is: wholeNumber(1, 1000),
    otherwise: 10,
    why: "How many requests one with a wrong credential counts for, against the address that showed it.",
    example: "20",
  }),
  limitPublicPerHour: setting({
    env: "RINGFENCE_LIMIT_PUBLIC_PER_HOUR",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 10_000,
    why: "Requests per hour with one public key, the kind that stands in web pages.",
    example: "50000",
  }),
  limitSecretPerHour: setting({
    env: "RINGFENCE_LIMIT_SECRET_PER_HOUR",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 1000,
    why: "Requests per hour with one secret API key.",
    example: "5000",
  }),
  limitProvisioningPerMinute: setting({
    env: "RINGFENCE_LIMIT_PROVISIONING_PER_MINUTE",
    is: wholeNumber(1, 1_000_000_000),
    otherwise: 1800,
    why: "Requests per minute of one directory that provisions members by SCIM.",
    example: "3600",
  }),
  redisUrl: setting({
    env: "REDIS_URL",
    is: redisUrl,
    otherwise: null,
    otherwiseMeans: "limits are counted in each process",
    why: "A Redis 6 or newer, or Valkey, through which several nodes share their limits. It holds nothing else, and nothing that has to last. rediss:// connects with TLS.",
    example: "rediss://user:PASSWORD@redis.example.com:6379/0",
    secret: true,
  }),
  limitWhenRedisIsDown: setting<"local" | "refuse">({
    env: "RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN",
    is: oneOf("local", "refuse"),
    otherwise: "local",
    why: "What happens while the Redis of REDIS_URL does not answer: each node counts alone (local), or every request is refused with 503 (refuse).",
    example: "refuse",
  }),
};
