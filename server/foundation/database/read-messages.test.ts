import { describe, expect, test } from "vitest";
import { readMessages } from "./read-messages.ts";

function message(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

function readIn(pieces: readonly Buffer[], bytesMax = 1_000_000): string[] {
  const seen: string[] = [];
  const read = readMessages((type, bytes, start, end) => {
    seen.push(String.fromCharCode(type) + bytes.toString("latin1", start, end));
  }, bytesMax);
  for (const piece of pieces) read(piece);
  return seen;
}

describe("messages", () => {
  const whole = Buffer.concat([
    message("A", ""),
    message("B", "hello"),
    message("C", "x".repeat(100)),
    message("D", ""),
  ]);
  const expected = ["A", "Bhello", `C${"x".repeat(100)}`, "D"];

  test("come out the same however the stream is cut, at every place and in every size", () => {
    for (let size = 1; size <= whole.length; size++) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      );
      expect(readIn(pieces)).toEqual(expected);
    }
    for (let cut = 0; cut <= whole.length; cut++) {
      expect(readIn([whole.subarray(0, cut), whole.subarray(cut)])).toEqual(expected);
    }
  });

  test("of many megabytes in small chunks are copied once", () => {
    const big = message("D", "y".repeat(30_000_000));
    const pieces = Array.from({ length: Math.ceil(big.length / 16_384) }, (_, at) =>
      big.subarray(at * 16_384, (at + 1) * 16_384),
    );
    let length = 0;
    const read = readMessages((_type, _bytes, start, end) => (length = end - start), 100_000_000);
    const started = performance.now();
    for (const piece of pieces) read(piece);
    expect(length).toBe(30_000_000);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test("of impossible length are refused before any memory is taken for them", () => {
    expect(() => readIn([Buffer.from("D\0\0\0\x03", "latin1")])).toThrow(
      expect.objectContaining({ code: "08P01" }),
    );
    expect(() => readIn([Buffer.from("D\xff\xff\xff\xff", "latin1")])).toThrow(
      expect.objectContaining({ code: "54000" }),
    );
    expect(() => readIn([message("D", "x".repeat(11))], 10)).toThrow(
      expect.objectContaining({ code: "54000" }),
    );
  });
});
