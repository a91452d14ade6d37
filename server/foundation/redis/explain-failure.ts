import { Late } from "./within.ts";

/** Redis begins its refusals with a word of its own. */
const refusals: Readonly<Record<string, string>> = {
  WRONGPASS: "refuses the user name or password of REDIS_URL",
  NOAUTH: "demands a password, and REDIS_URL has none",
  NOPERM: "does not allow this user what limits need: +evalsha +eval +mget +set +time on ~ringfence:*",
  MOVED: "is part of a cluster of several nodes, which is not supported; name a server that stands alone",
  CLUSTERDOWN: "is part of a cluster, which is not supported; name a server that stands alone",
  READONLY: "is a replica, which takes no writes; name its primary",
  MASTERDOWN: "is a replica that has lost its primary",
  LOADING: "is still loading its data",
  BUSY: "is busy with somebody else's script",
  MISCONF: "takes no writes because it cannot save them; limits need no saving, so turn it off",
  OOM: "is out of memory; maxmemory-policy volatile-ttl lets it forget what expires soonest",
};

const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections: nothing listens there",
  ENOTFOUND: "is a name that cannot be found",
  EAI_AGAIN: "is a name that cannot be looked up right now",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached",
  ETIMEDOUT: "cannot be reached",
  ECONNRESET: "ended the connection",
  EPIPE: "ended the connection",
  ERR_SSL_WRONG_VERSION_NUMBER: "does not speak TLS there, which is redis://",
  EPROTO: "does not speak TLS there, which is redis://",
};

const distrusted = /^(?:ERR_TLS_|CERT_|DEPTH_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/**
 * One sentence about what is wrong with the server behind this URL, for an operator. It names host and port; never the
 * user or password, nor anything that the server said in free words.
 */
export function explainFailure(error: unknown, url: string, isFirst: boolean): string {
  const said = `${placeOf(url)} ${predicateOf(error)}`;
  const unheard = error instanceof Late || said.endsWith(hungUp);
  return `${said}${isFirst && unheard ? suspicionOf(url) : ""}.`;
}

const hungUp = "ended the connection";

/** A server that expects the other kind of connection stays silent or hangs up, without a reason. */
function suspicionOf(url: string): string {
  return new URL(url).protocol === "rediss:"
    ? "; perhaps it speaks no TLS there, which is redis://"
    : "; perhaps it speaks TLS there, which is rediss://";
}

function placeOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `Redis at ${hostname}:${port === "" ? "6379" : port}`;
}

function predicateOf(error: unknown): string {
  if (error instanceof Late) return `gave ${error.message}`;
  if (!(error instanceof Error)) return "failed";
  if ("code" in error && typeof error.code === "string") return predicateOfCode(error.code);
  if (error.message === "The queue is full") return "is too slow for so many requests";
  // A server without a password says "ERR AUTH <password> called without any password configured".
  if (/\bAUTH\b/.test(error.message)) return refusals["WRONGPASS"] ?? "";
  const [, word] = /^([A-Z]{2,20})\b/.exec(error.message) ?? [];
  return word === undefined ? hungUp : (refusals[word] ?? `answers with an error (${word})`);
}

function predicateOfCode(code: string): string {
  if (distrusted.test(code))
    return `shows a certificate that is not trusted here (${code}); one of a private authority goes into NODE_EXTRA_CA_CERTS`;
  return codes[code] ?? `cannot be used (${code})`;
}
