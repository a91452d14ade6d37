import { isIP, isIPv6 } from "node:net";
import type { Parser } from "./setting.ts";

const bytesOf = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** A whole number between two bounds, both allowed. */
export function wholeNumber(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? { value }
      : { fault: `must be a whole number from ${least} to ${most}` };
  };
}

/** A number of bytes, with KiB, MiB or GiB behind it if wanted. */
export function byteCount(least: number, most: number): Parser<number> {
  return (text) => {
    const [, digits, unit = ""] = /^(\d{1,15}) ?(KiB|MiB|GiB)?$/.exec(text) ?? [];
    // The expression lets no other unit through.
    const value = digits === undefined ? Number.NaN : Number(digits) * bytesOf[unit as keyof typeof bytesOf];
    return value >= least && value <= most
      ? { value }
      : { fault: `must be bytes from ${least} to ${most}, for example 512MiB` };
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (text) => {
    const value = words.find((word) => word === text);
    return value === undefined ? { fault: `must be one of ${words.join(", ")}` } : { value };
  };
}

/** A text of a certain shape; `shape` says which, for the operator. */
export function matching(pattern: RegExp, shape: string): Parser<string> {
  return (text) => (pattern.test(text) ? { value: text } : { fault: `must be ${shape}` });
}

/** A comma-separated list without repetitions, at least one item long. */
export function listOf<T>(item: Parser<T>): Parser<readonly T[]> {
  return (text) => {
    const parts = text.split(",").map((part) => part.trim());
    const parsed = parts.map(item);
    const fault = parsed.find((one) => "fault" in one);
    if (fault !== undefined && "fault" in fault)
      return { fault: `each item, set apart by commas, ${fault.fault}` };
    if (new Set(parts).size < parts.length) return { fault: "must not name the same thing twice" };
    return { value: Object.freeze(parsed.flatMap((one) => ("value" in one ? [one.value] : []))) };
  };
}

/** An IP address or a range of them. A range of everything is refused: it would let any client choose its own address. */
export function addressRange(text: string): ReturnType<Parser<string>> {
  const [address = "", bits, ...rest] = text.split("/");
  const most = isIPv6(address) ? 128 : 32;
  const length = bits ?? String(most);
  const wellFormed =
    isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= most;
  if (!wellFormed) return { fault: "must be an IP address or a range such as 10.0.0.0/8" };
  if (Number(length) === 0) return { fault: "must not be a range of all addresses" };
  return { value: text };
}

/** An address or a name on which a server can listen. */
export function host(text: string): ReturnType<Parser<string>> {
  const name = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i;
  return isIP(text) !== 0 || name.test(text)
    ? { value: text }
    : { fault: "must be an IP address or a host name" };
}

/** 32 random bytes in base64, strictly spelled, so that a key cut short or padded with text is noticed. */
export function key32(text: string): ReturnType<Parser<Buffer>> {
  const value = Buffer.from(text, "base64");
  if (value.length !== 32 || value.toString("base64") !== text)
    return { fault: "must be 32 bytes in base64" };
  if (new Set(value).size < 8) return { fault: "must be random; this value looks like a placeholder" };
  return { value };
}

/** The IP address of a name server, with a port if it is not 53. */
export function nameServer(text: string): ReturnType<Parser<string>> {
  const [, six, four = "", port] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([0-9a-f:.]{2,45}?))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const known = six === undefined ? isIP(text) !== 0 || isIP(four) === 4 : isIPv6(six);
  const fits = port === undefined || (Number(port) > 0 && Number(port) < 65_536);
  return known && fits
    ? { value: text }
    : { fault: "must be an IP address such as 9.9.9.9 or 127.0.0.1:5353" };
}
