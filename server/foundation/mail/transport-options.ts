const secondsToConnect = 10;
const secondsSilent = 20;

/** How to reach the relay; only what follows from its URL, so that no option can slip in through it. */
export interface TransportOptions {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTLS: boolean;
  readonly ignoreTLS: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly tls: { readonly minVersion: "TLSv1.2" };
  readonly connectionTimeout: number;
  readonly greetingTimeout: number;
  readonly socketTimeout: number;
  readonly dnsTimeout: number;
  readonly disableFileAccess: true;
  readonly disableUrlAccess: true;
}

/**
 * Reads a checked relay URL. TLS is required everywhere but on this machine or after `?tls=off`: mail carries links
 * that sign people in, and STARTTLS that is merely tried can be stripped on the way (RFC 3207 section 6).
 */
export function transportOptions(
  smtpUrl: string,
  onThisMachine: (host: string) => boolean,
): TransportOptions {
  const url = new URL(smtpUrl);
  const secure = url.protocol === "smtps:";
  const open = !secure && (url.search === "?tls=off" || onThisMachine(url.hostname));
  const auth = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !open,
    ignoreTLS: open,
    ...(auth.user === "" ? {} : { auth }),
    tls: { minVersion: "TLSv1.2" },
    connectionTimeout: secondsToConnect * 1000,
    greetingTimeout: secondsToConnect * 1000,
    socketTimeout: secondsSilent * 1000,
    dnsTimeout: secondsToConnect * 1000,
    // A letter is text of ours: nothing in it may make the mailer read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
