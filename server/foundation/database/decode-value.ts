import { parseArray } from "./parse-array.ts";

/** Reads one value in text format out of a message. */
export type Decode = (bytes: Buffer, start: number, end: number) => unknown;

/** How values of the type with this OID are read; types that are not known stay text. */
export function decoderOf(oid: number): Decode {
  return decoders.get(oid) ?? utf8;
}

const utf8: Decode = (bytes, start, end) => bytes.toString("utf8", start, end);
const ascii: Decode = (bytes, start, end) => bytes.toString("latin1", start, end);
const isTrue: Decode = (bytes, start) => bytes[start] === 0x74;
const float: Decode = (bytes, start, end) => Number(bytes.toString("latin1", start, end));
const json: Decode = (bytes, start, end): unknown => JSON.parse(bytes.toString("utf8", start, end));
const minus = 0x2d;
const digitsAlwaysSafe = 15;

/** int8 becomes a number as long as a number can hold it exactly. */
const integer: Decode = (bytes, start, end) => {
  if (end - start > digitsAlwaysSafe) return bigInteger(bytes.toString("latin1", start, end));
  const negative = bytes[start] === minus;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - 0x30;
  return negative ? -value : value;
};

function bigInteger(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/** `2026-11-21 10:00:00.123456+00` → `2026-11-21T10:00:00.123Z`; what is finer than a millisecond is cut off. */
const timestamptz: Decode = (bytes, start, end) => {
  const text = bytes.toString("latin1", start, end);
  if (text.length < 30 && text.endsWith("+00") && text[10] === " ") return utcTimestamp(text);
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::(\d\d))?$/.exec(text);
  if (match === null) return unusualTimestamp(text);
  const [, date = "", time = "", fraction = "", hours = "", minutes = "00"] = match;
  return new Date(`${date}T${time}.${milliseconds(fraction)}${hours}:${minutes}`).toISOString();
};

/** The usual case, without a regular expression: this is the hot path. */
function utcTimestamp(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds(text.slice(20, -3))}Z`;
}

function milliseconds(fraction: string): string {
  return fraction.slice(0, 3).padEnd(3, "0");
}

/** Infinity, years before Christ or after 9999 stay as they came; another DateStyle would be misread, so it throws. */
function unusualTimestamp(text: string): string {
  if (/^-?infinity$|^\d{5,}-\d\d-\d\d |^\d{4,}-.* BC$/.test(text)) return text;
  throw new Error("The database sent a time that cannot be read");
}

const backslash = 0x5c;
const letterX = 0x78;

const bytea: Decode = (bytes, start, end) => {
  if (bytes[start] === backslash && bytes[start + 1] === letterX) {
    return Buffer.from(bytes.toString("latin1", start + 2, end), "hex");
  }
  return escapedBytea(bytes.toString("latin1", start, end));
};

/** The form under bytea_output = escape, which a role may have set for itself. */
function escapedBytea(text: string): Buffer {
  const plain = text.replace(/\\(\\|[0-3][0-7]{2})/g, (_, escaped: string) =>
    escaped === "\\" ? "\\" : String.fromCharCode(Number.parseInt(escaped, 8)),
  );
  return Buffer.from(plain, "latin1");
}

function arrayOf(decode: Decode): Decode {
  const element = (text: string): unknown => {
    const bytes = Buffer.from(text, "utf8");
    return decode(bytes, 0, bytes.length);
  };
  return (bytes, start, end) => parseArray(bytes.toString("utf8", start, end), element);
}

/** [OID of the type, OID of its array, decoder]: pg_type.dat, the same in every version. */
const types: readonly (readonly [number, number, Decode])[] = [
  [16, 1000, isTrue],
  [17, 1001, bytea],
  [19, 1003, utf8],
  [20, 1016, integer],
  [21, 1005, integer],
  [23, 1007, integer],
  [25, 1009, utf8],
  [26, 1028, integer],
  [114, 199, json],
  [650, 651, ascii],
  [700, 1021, float],
  [701, 1022, float],
  [869, 1041, ascii],
  [1042, 1014, utf8],
  [1043, 1015, utf8],
  [1082, 1182, ascii],
  [1083, 1183, ascii],
  [1114, 1115, ascii],
  [1184, 1185, timestamptz],
  [1186, 1187, utf8],
  [1700, 1231, ascii],
  [2950, 2951, ascii],
  [3802, 3807, json],
];

const decoders = new Map<number, Decode>(
  types.flatMap(([oid, arrayOid, decode]) => [[oid, decode] as const, [arrayOid, arrayOf(decode)] as const]),
);
