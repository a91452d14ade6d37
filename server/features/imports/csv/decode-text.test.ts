import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDecoder, type Encoding } from "./decode-text.ts";
import { sniffEncoding } from "./sniff-encoding.ts";

/** Decodes `bytes` cut at the given places. */
function decodeCut(bytes: Buffer, cuts: readonly number[], encoding: Encoding | null = null) {
  const decoder = createDecoder(encoding);
  let text = "";
  let from = 0;
  for (const cut of [...cuts].filter((at) => at < bytes.length).toSorted((a, b) => a - b)) {
    const decoded = decoder.decode(bytes.subarray(from, cut), false);
    text += decoded.text;
    if (decoded.broken) return { text, broken: true, encoding: decoder.encoding() };
    from = cut;
  }
  const rest = decoder.decode(bytes.subarray(from), false);
  if (rest.broken) return { text: text + rest.text, broken: true, encoding: decoder.encoding() };
  const end = decoder.decode(Buffer.alloc(0), true);
  return { text: text + rest.text + end.text, broken: end.broken, encoding: decoder.encoding() };
}

const cuts = fc.array(fc.nat(60));
const text = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .filter((value) => Buffer.from(value).toString() === value);

test("every encoding reads back, wherever the bytes are cut", () => {
  fc.assert(
    fc.property(text, cuts, (value, at) => {
      const plain = value.replaceAll("\ufeff", "");
      expect(decodeCut(Buffer.from(value, "utf8"), at, "utf-8")).toMatchObject({
        text: plain,
        broken: false,
      });
      expect(decodeCut(Buffer.from(value, "utf16le"), at, "utf-16le")).toMatchObject({
        text: plain,
        broken: false,
      });
      const big = Buffer.from(value, "utf16le").swap16();
      expect(decodeCut(big, at, "utf-16be")).toMatchObject({ text: plain, broken: false });
    }),
  );
});

test("bytes that are no UTF-8 anywhere are windows-1252, even when the first one ends a block", () => {
  const bytes = Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72, 0x20, 0x80]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(decodeCut(bytes, [cut])).toEqual({ text: "Müller €", broken: false, encoding: "windows-1252" });
  }
});

test("once UTF-8 is proven, invalid bytes break the reading at their place", () => {
  const good = Buffer.from("Zoë\nJosé\n");
  const bytes = Buffer.concat([good, Buffer.from([0x4d, 0xfc, 0x6c, 0x0a])]);
  for (let cut = 4; cut <= bytes.length; cut++) {
    expect(decodeCut(bytes, [cut])).toEqual({ text: "Zoë\nJosé\nM", broken: true, encoding: "utf-8" });
  }
});

test("the text before the first invalid byte is exact", () => {
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: 8 }), (value, dirt) => {
      const start = Buffer.from(`ë${value.replaceAll("\ufeff", "")}`);
      const bytes = Buffer.concat([start, Buffer.from([0xff]), Buffer.from(dirt)]);
      expect(isUtf8(bytes)).toBe(false);
      expect(decodeCut(bytes, [], "utf-8")).toEqual({
        text: start.toString(),
        broken: true,
        encoding: "utf-8",
      });
    }),
  );
});

test("a character cut off at the end of the file breaks it", () => {
  expect(decodeCut(Buffer.from("aë€").subarray(0, -1), [2]).broken).toBe(true);
  expect(decodeCut(Buffer.from([0x41, 0x00, 0x42]), [], "utf-16le").broken).toBe(true);
});

test.each([
  ["a byte order mark of UTF-8", Buffer.from("\ufeffa,b"), "utf-8", 3],
  ["a byte order mark of UTF-16 LE", Buffer.from("\ufeffa,b", "utf16le"), "utf-16le", 2],
  ["a byte order mark of UTF-16 BE", Buffer.from("\ufeffa,b", "utf16le").swap16(), "utf-16be", 2],
  ["UTF-16 LE without a mark", Buffer.from("Name,Ort\nJosé,Wien\n", "utf16le"), "utf-16le", 0],
  ["UTF-16 BE without a mark", Buffer.from("Name,Ort\nJosé,Wien\n", "utf16le").swap16(), "utf-16be", 0],
  ["plain bytes", Buffer.from("Name,Ort\nJosé,Wien\n"), null, 0],
  ["a stray NUL", Buffer.from("Name,Ort\nJo\0sé,Wien and a longer text\n"), null, 0],
])("the encoding is sniffed from %s", (_, head, encoding, bomBytes) => {
  expect(sniffEncoding(head)).toEqual({ encoding, bomBytes });
});

test.each([
  ["empty-file", Buffer.alloc(0)],
  ["is-workbook", Buffer.from("PK\u0003\u0004rest")],
  ["unsupported-encoding", Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0])],
  ["not-text", Buffer.from([0, 0, 0, 0, 7, 0, 0, 9, 0, 0, 0, 0])],
])("%s is refused", (code, head) => {
  expect(() => sniffEncoding(head)).toThrowError(expect.objectContaining({ code }));
});
