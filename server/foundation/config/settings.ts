import { databaseUrl, mailFrom, publicUrl, smtpUrl } from "./addresses.ts";
import { blockSettings } from "./block-settings.ts";
import { limitSettings } from "./limit-settings.ts";
import {
  addressRange,
  byteCount,
  host,
  key32,
  listOf,
  matching,
  nameServer,
  oneOf,
  wholeNumber,
} from "./parsers.ts";
import { type Setting, setting } from "./setting.ts";

/**
 * Everything an operator may set, in one list: the checks, `.env.example`, the configuration page, `config explain`
 * and the log's list of secrets all follow from it. What a tenant may change is no setting; it is rows.
 */
export const settings = {
  port: setting({
    env: "PORT",
    is: wholeNumber(0, 65_535),
    otherwise: 7460,
    why: "The port on which the server listens. 0 takes any free one and prints it.",
    example: "8080",
  }),
  host: setting({
    env: "RINGFENCE_HOST",
    is: host,
    otherwise: "127.0.0.1",
    why: "The address on which the server listens. The default is reachable from this machine only; put a TLS proxy in front before you open it.",
    example: "0.0.0.0",
  }),
  dataFolder: setting({
    env: "RINGFENCE_DATA",
    is: matching(/^[^\0\r\n]{1,1024}$/, "a path"),
    otherwise: "./data",
    why: "The folder that holds the embedded database, the secret file and uploads. Keep it on encrypted storage.",
    example: "/var/lib/ringfence",
  }),
  databaseUrl: setting({
    env: "DATABASE_URL",
    is: databaseUrl,
    otherwise: null,
    otherwiseMeans: "an embedded PostgreSQL in RINGFENCE_DATA",
    why: "A PostgreSQL 15 to 18 of your own, as the role that installs Ringfence: it makes the schemas and the narrow roles that the server then works as.",
    example: "postgres://installer:PASSWORD@db.example.com/ringfence?sslmode=verify-full",
    secret: true,
  }),
  secret: setting({
    env: "RINGFENCE_SECRET",
    is: key32,
    otherwise: null,
    otherwiseMeans: "the file `secret` in RINGFENCE_DATA, made at the first start",
    why: "The one secret from which every other is derived. Keep a copy away from the database and its backups: without it, what is sealed stays sealed.",
    example: "the output of: openssl rand -base64 32",
    secret: true,
  }),
  publicUrl: setting({
    env: "RINGFENCE_PUBLIC_URL",
    is: publicUrl,
    otherwise: null,
    otherwiseMeans: "http://RINGFENCE_HOST:PORT",
    why: "The address that people type. Links in mail begin with it, and requests from pages of any other origin are refused.",
    example: "https://crm.example.com",
  }),
  rolePrefix: setting({
    env: "RINGFENCE_ROLE_PREFIX",
    is: matching(/^[a-z][a-z0-9]{0,14}$/, "1 to 15 lower-case letters and digits that begin with a letter"),
    otherwise: "rf",
    why: "Begins the names of the database roles, so that two installations can share one PostgreSQL server. It never changes after the first start.",
    example: "acme",
  }),
  doors: setting({
    env: "RINGFENCE_DOORS",
    is: listOf(oneOf("api", "worker")),
    otherwise: Object.freeze(["api", "worker"] as const),
    why: "What this process does: answer requests (api), do queued work (worker), or both.",
    example: "api",
  }),
  trustedProxies: setting({
    env: "RINGFENCE_TRUSTED_PROXIES",
    is: listOf(addressRange),
    otherwise: Object.freeze([]),
    otherwiseMeans: "none: X-Forwarded-For is ignored",
    why: "The proxies whose word about a client's address is believed, as addresses or ranges. Limits and the audit trail use that address.",
    example: "10.0.0.0/8,192.168.1.7",
  }),
  smtpUrl: setting({
    env: "RINGFENCE_SMTP_URL",
    is: smtpUrl,
    otherwise: null,
    otherwiseMeans:
      "nothing is mailed: `ringfence outbox` shows the operator links and invitations, and warnings stand in the organization's outbox",
    why: "The relay that delivers mail. TLS is required anywhere but on this machine, unless the URL ends in ?tls=off.",
    example: "smtps://user:PASSWORD@mail.example.com:465",
    secret: true,
  }),
  mailFrom: setting({
    env: "RINGFENCE_MAIL_FROM",
    is: mailFrom,
    otherwise: null,
    otherwiseMeans: "none; needed once RINGFENCE_SMTP_URL is set",
    why: "The sender of the mail that the installation itself sends: invitations and links.",
    example: "Acme CRM <crm@example.com>",
  }),
  passwordHash: setting({
    env: "RINGFENCE_PASSWORD_HASH",
    is: oneOf("argon2id", "bcrypt"),
    otherwise: "argon2id",
    why: "How new passwords are hashed. Hashes of the other kind go on working and are renewed at the next sign-in.",
    example: "bcrypt",
  }),
  breachedPasswords: setting({
    env: "RINGFENCE_BREACHED_PASSWORDS",
    is: matching(/^[^\0\r\n]{1,1024}$/, "a path"),
    otherwise: null,
    otherwiseMeans: "the list of common passwords that is built in",
    why: "A file of leaked passwords that nobody may set: SHA-1 in upper-case hex, sorted, one a line, as Have I Been Pwned offers for download. It is searched on this machine; nobody is asked.",
    example: "/var/lib/ringfence/pwned-passwords-sha1.txt",
  }),
  magicLinkMinutes: setting({
    env: "RINGFENCE_MAGIC_LINK_MINUTES",
    is: wholeNumber(1, 15),
    otherwise: 10,
    why: "How long a mailed link that signs in without a password is good.",
    example: "15",
  }),
  refreshGraceSeconds: setting({
    env: "RINGFENCE_REFRESH_GRACE_SECONDS",
    is: wholeNumber(0, 60),
    otherwise: 10,
    why: "For how long a refresh token that was just used is answered with the same new tokens once more, for a program whose answer was lost or that asks twice at once. 0 never does; whatever comes later ends the session.",
    example: "30",
  }),
  geoIpFile: setting({
    env: "RINGFENCE_GEOIP_FILE",
    is: matching(/^[^\0\r\n]{1,1024}$/, "a path"),
    otherwise: null,
    otherwiseMeans: "none: the list of sessions shows addresses without places",
    why: "A CSV file of network,country,city and, if it has them, latitude,longitude (such as 203.0.113.0/24,AT,Vienna,48.2,16.4), at most 256 MiB and 4 million lines, by which the list of sessions says where an address is, and a sign-in from too far away to have been travelled is told. It is read at the start and never asked over the network.",
    example: "/var/lib/ringfence/places.csv",
  }),
  asnFile: setting({
    env: "RINGFENCE_ASN_FILE",
    is: matching(/^[^\0\r\n]{1,1024}$/, "a path"),
    otherwise: null,
    otherwiseMeans: "none: nothing is told of network operators",
    why: "A CSV file of network,autonomous_system_number,autonomous_system_organization (such as 203.0.113.0/24,64500,Example Net), at most 256 MiB and 4 million lines, by which a sign-in through a network operator that somebody has not used within 180 days is told. It is read at the start and never asked over the network.",
    example: "/var/lib/ringfence/operators.csv",
  }),
  logLevel: setting({
    env: "RINGFENCE_LOG_LEVEL",
    is: oneOf("debug", "info", "warn", "error"),
    otherwise: "info",
    why: "The least important event that is still logged.",
    example: "warn",
  }),
  importBytesMax: setting({
    env: "RINGFENCE_IMPORT_BYTES_MAX",
    is: byteCount(2 ** 10, 2 ** 40),
    otherwise: 2 ** 30,
    why: "The largest file that may be imported, in bytes or with KiB, MiB or GiB.",
    example: "256MiB",
  }),
  ...limitSettings,
  ...blockSettings,
  egressNetworks: setting({
    env: "RINGFENCE_EGRESS_NETWORKS",
    is: listOf(addressRange),
    otherwise: Object.freeze([]),
    otherwiseMeans: "none: only public addresses are called",
    why: "Networks beside the public internet that the server may call on behalf of an organization, such as the one of an identity provider of your own. Loopback addresses named here are called without TLS too.",
    example: "10.20.0.0/16",
  }),
  dnsServers: setting({
    env: "RINGFENCE_DNS_SERVERS",
    is: listOf(nameServer),
    otherwise: Object.freeze([]),
    otherwiseMeans: "those of this machine",
    why: "The name servers that are asked whether a domain belongs to an organization, as addresses with or without a port.",
    example: "9.9.9.9,149.112.112.112",
  }),
  region: setting({
    env: "RINGFENCE_REGION",
    is: matching(
      /^[a-z][a-z0-9-]{0,31}$/,
      "up to 32 lower-case letters, digits and hyphens that begin with a letter",
    ),
    otherwise: "local",
    why: "The region that this installation is in. An organization belongs to one region for good; requests for another are sent there.",
    example: "eu",
  }),
  shutdownSeconds: setting({
    env: "RINGFENCE_SHUTDOWN_SECONDS",
    is: wholeNumber(0, 3600),
    otherwise: 20,
    why: "How long requests and jobs under way may take to finish after the server was told to stop.",
    example: "60",
  }),
};

export type SettingName = keyof typeof settings;

/** What the operator decided, checked and frozen. Printing it, whole, as JSON or with `inspect`, shows no secret. */
export type Config = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer Value> ? Value : never;
};

/** The list as pairs, in its order. */
// Object.entries forgets the keys; `settings` is a constant, so they are all there is.
export const settingEntries = Object.entries(settings) as readonly (readonly [
  SettingName,
  Setting<unknown>,
])[];
