import { isIP } from "node:net";
import type { Parser } from "./setting.ts";

/** Whether a host name or address means this very machine, so that nothing sent there crosses a network. */
export function onThisMachine(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (isIP(bare) === 4) return bare.startsWith("127.");
  return bare === "::1" || bare === "localhost" || bare.endsWith(".localhost");
}

/** The address under which browsers reach the installation. Session cookies need https anywhere but on this machine. */
export function publicUrl(text: string): ReturnType<Parser<string>> {
  const url = parsedUrl(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { fault: "must be a URL such as https://crm.example.com" };
  if (url.username !== "" || url.password !== "")
    return { fault: "must not carry a user name or a password" };
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return { fault: "must end after the host and port" };
  if (url.protocol === "http:" && !onThisMachine(url.hostname)) {
    return { fault: "must begin with https://, except for an address on this machine" };
  }
  return { value: url.origin };
}

/** The address and credential of a PostgreSQL database. */
export function databaseUrl(text: string): ReturnType<Parser<string>> {
  const url = parsedUrl(text);
  if (url === null)
    return { fault: "cannot be read as a URL; write special characters of the password as %XX" };
  if (!/^postgres(ql)?:$/.test(url.protocol))
    return { fault: "must begin with postgres:// or postgresql://" };
  if (url.pathname.length < 2)
    return { fault: "must name a database after the host, as in postgres://user@host/name" };
  return { value: text };
}

/**
 * The mail relay. Mail carries links that sign people in, so a relay elsewhere must speak TLS unless the operator
 * says `?tls=off`, and credentials never travel without it.
 */
export function smtpUrl(text: string): ReturnType<Parser<string>> {
  const url = parsedUrl(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === "") {
    return { fault: "must be a URL such as smtps://user:password@mail.example.com:465" };
  }
  if (url.pathname.length > 1 || url.hash !== "")
    return { fault: "must end after the host and port, or in ?tls=off" };
  if (url.search !== "" && url.search !== "?tls=off") return { fault: "takes no option but ?tls=off" };
  const open = url.search === "?tls=off";
  if (open && url.protocol === "smtps:") return { fault: "cannot be smtps and ?tls=off at once" };
  if (open && url.username !== "" && !onThisMachine(url.hostname)) {
    return { fault: "must not send a password with ?tls=off" };
  }
  return { value: text };
}

/** The address and credential of a Redis or Valkey, with the number of a database if wanted. */
export function redisUrl(text: string): ReturnType<Parser<string>> {
  const url = parsedUrl(text);
  if (url === null || !canBeDecoded(url.username + url.password))
    return { fault: "cannot be read as a URL; write special characters of the password as %XX" };
  if (!/^rediss?:$/.test(url.protocol) || url.hostname === "")
    return { fault: "must begin with redis://host or rediss://host" };
  if (!/^(?:\/\d{0,4})?$/.test(url.pathname) || url.search !== "" || url.hash !== "")
    return { fault: "must end after the host and port, or in the number of a database such as /0" };
  return { value: text };
}

/** The sender of mail: an address, alone or as `Name <address>`. */
export function mailFrom(text: string): ReturnType<Parser<string>> {
  const shape = /^(?:[^<>@",;:\\\p{Cc}]{1,100} <([^<>\s]+)>|([^<>\s]+))$/u.exec(text);
  const address = shape?.[1] ?? shape?.[2] ?? "";
  return /^[^\s@<>",;:\\()[\]\p{Cc}]{1,64}@[^\s@<>",;:\\()[\]\p{Cc}]{1,255}$/u.test(address)
    ? { value: text }
    : { fault: "must be an address such as crm@example.com or Acme CRM <crm@example.com>" };
}

function canBeDecoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
}

function parsedUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
