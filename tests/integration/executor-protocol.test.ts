import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { openPool, sql, type Pool } from "../../server/foundation/database/index.ts";
import { codeOf, collectEvents, rejectionOf, settings } from "./executor-ground.ts";

/** A server that signs anybody in and answers the flight with this number as it was told, right or wrong. */
async function lyingServer(
  ...answers: (Buffer | Buffer[])[]
): Promise<{ pool: Pool; events: unknown[]; opened: () => number }> {
  let opened = 0;
  let flights = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (hello: Buffer) => {
      // A cancel request comes on a connection of its own, and gets no answer.
      if (hello.readInt32BE(4) !== protocolVersion) return void socket.end();
      opened += 1;
      socket.write(Buffer.concat([authenticated, setting("client_encoding", "UTF8"), cancelKey, ready("I")]));
      socket.on("data", (flight: Buffer) => {
        if (flight.toString("latin1", 0, 1) !== "X") void send(socket, answers[flights++] ?? []);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { events, onEvent } = collectEvents();
  const pool = openPool({
    ...settings,
    connectionString: `postgres://u@127.0.0.1:${port}/d`,
    transactionTimeoutMs: 2000,
    onEvent,
  });
  running.push({ server, pool });
  return { pool, events, opened: () => opened };
}

/** Several buffers go out one by one, so that they arrive in pieces. */
async function send(socket: Socket, answer: Buffer | Buffer[]): Promise<void> {
  for (const piece of Array.isArray(answer) ? answer : [answer]) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const protocolVersion = 3 << 16;

const running: { server: Server; pool: Pool }[] = [];
afterEach(async () => {
  for (const { server, pool } of running.splice(0)) {
    await pool.close();
    server.close();
  }
});

function message(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer =>
  Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
const authenticated = message("R", int32(0));
const setting = (name: string, value: string): Buffer => message("S", `${name}\0${value}\0`);
const cancelKey = message("K", int32(1), int32(2));
const ready = (status: string): Buffer => message("Z", status);
const parsed = message("1");
const bound = message("2");
const described = message(
  "T",
  int16(1),
  "a\0",
  int32(0),
  int16(0),
  int32(25),
  int16(-1),
  int32(-1),
  int16(0),
);
const row = (text: string): Buffer => message("D", int16(1), int32(Buffer.byteLength(text)), text);
const done = (tag: string): Buffer => message("C", `${tag}\0`);
const failure = (code: string, severity = "ERROR"): Buffer =>
  message("E", `S${severity}\0V${severity}\0C${code}\0Mno\0\0`);
const notice = message("N", "SNOTICE\0C00000\0Mhello\0\0");
const right = Buffer.concat([parsed, bound, described, row("x"), done("SELECT 1"), ready("I")]);
const statement = sql`select ${1}::text as a`;

describe("an answer as it should be", () => {
  test.each([1, 2, 3, 7, 64, 1000])(
    "is read in pieces of %i bytes, with notices in between",
    async (size) => {
      const whole = Buffer.concat([
        notice,
        parsed,
        notice,
        bound,
        described,
        row("héllo"),
        row(""),
        done("SELECT 2"),
        notice,
        ready("I"),
      ]);
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      );
      const { pool } = await lyingServer(pieces);
      expect(await pool.batch([statement])).toEqual([{ rows: [{ a: "héllo" }, { a: "" }], count: 2 }]);
    },
  );
});

describe("an answer out of step ends the connection, and the caller gets no row", () => {
  test.each<[string, Buffer]>([
    ["no answer to Parse", Buffer.concat([bound, described, done("SELECT 0"), ready("I")])],
    ["Parse answered twice", Buffer.concat([parsed, parsed, bound, described, done("SELECT 0"), ready("I")])],
    ["rows before the description", Buffer.concat([parsed, bound, row("x"), done("SELECT 1"), ready("I")])],
    [
      "rows of something without rows",
      Buffer.concat([parsed, bound, message("n"), row("x"), done("SELECT 1"), ready("I")]),
    ],
    [
      "a second command",
      Buffer.concat([parsed, bound, described, done("SELECT 0"), done("SELECT 0"), ready("I")]),
    ],
    ["ready before the end", Buffer.concat([parsed, bound, described, row("x"), ready("I")])],
    [
      "a row with too many columns",
      Buffer.concat([parsed, bound, described, message("D", int16(2), int32(-1), int32(-1)), ready("I")]),
    ],
    [
      "a row longer than its message",
      Buffer.concat([parsed, bound, described, message("D", int16(1), int32(99), "x"), ready("I")]),
    ],
    [
      "a suspended portal nobody asked for",
      Buffer.concat([parsed, bound, described, message("s"), ready("I")]),
    ],
    ["a row after an error", Buffer.concat([parsed, bound, failure("22012"), row("x"), ready("I")])],
    ["an unknown message", Buffer.concat([parsed, message("?"), bound, ready("I")])],
    ["a message of impossible length", Buffer.concat([parsed, Buffer.from("D\0\0\0\x01", "latin1")])],
    [
      "a transaction left open",
      Buffer.concat([parsed, bound, described, row("x"), done("SELECT 1"), ready("T")]),
    ],
  ])("%s", async (_, answer) => {
    const { pool, opened } = await lyingServer(answer, right);
    const error = await rejectionOf(pool.batch([statement]));
    expect(["08P01", "22012"]).toContain(error.code);
    expect(await pool.batch([statement])).toEqual([{ rows: [{ a: "x" }], count: 1 }]);
    expect(opened()).toBe(2);
  });

  test("a failure that leaves a transaction open", async () => {
    for (const status of ["T", "E"]) {
      const failed = Buffer.concat([parsed, bound, failure("22012"), ready(status)]);
      const { pool, opened } = await lyingServer(failed, right);
      expect(await codeOf(pool.batch([statement]))).toBe("22012");
      await pool.batch([statement]);
      expect(opened()).toBe(2);
    }
  });

  test("an answer that nobody asked for", async () => {
    const { pool, opened } = await lyingServer(Buffer.concat([right, row("somebody else's")]), right);
    await pool.batch([statement]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await pool.batch([statement]);
    expect(opened()).toBe(2);
  });

  test("a statement whose command tag says that it ended the transaction", async () => {
    for (const tag of ["COMMIT", "ROLLBACK", "BEGIN", "START TRANSACTION", "PREPARE TRANSACTION"]) {
      const { pool } = await lyingServer(Buffer.concat([parsed, bound, described, done(tag), ready("I")]));
      expect(await codeOf(pool.batch([statement]))).toBe("2D000");
    }
  });
});

describe("a transaction's answers", () => {
  const begun = Buffer.concat([parsed, bound, message("n"), done("BEGIN"), ready("T")]);
  const control = (tag: string, status: string): Buffer =>
    Buffer.concat([parsed, bound, message("n"), done(tag), ready(status)]);

  test("are right", async () => {
    const { pool, opened } = await lyingServer(
      begun,
      Buffer.concat([right.subarray(0, -1), Buffer.from("T")]),
      control("COMMIT", "I"),
    );
    const result = await pool.tx([], (t) => t.run(statement));
    expect(result.rows).toEqual([{ a: "x" }]);
    expect(opened()).toBe(1);
  });

  test("COMMIT with the tag ROLLBACK is no success", async () => {
    const { pool } = await lyingServer(begun, control("ROLLBACK", "I"));
    expect(await codeOf(pool.tx([], async () => 1))).toBe("40000");
  });

  test("COMMIT that leaves the transaction open costs the connection", async () => {
    const { pool, opened } = await lyingServer(begun, control("COMMIT", "T"), right);
    await expect(pool.tx([], async () => 1)).rejects.toThrow();
    await pool.batch([statement]);
    expect(opened()).toBe(2);
  });

  test("BEGIN that opens nothing, and a transaction that is gone after a statement, end the connection", async () => {
    const first = await lyingServer(Buffer.concat([begun.subarray(0, -1), Buffer.from("I")]));
    expect(await codeOf(first.pool.tx([], async () => 1))).toBe("08P01");
    const second = await lyingServer(begun, right);
    expect(await codeOf(second.pool.tx([], (t) => t.run(statement)))).toBe("08P01");
  });

  test("BEGIN with the end of the connection right behind it ends the work at once", async () => {
    const { pool } = await lyingServer(Buffer.concat([begun, failure("57P01", "FATAL")]), right);
    expect(await codeOf(pool.tx([], () => new Promise(() => undefined)))).toBe("57P01");
    expect(await pool.batch([statement])).toHaveLength(1);
  });

  test("ROLLBACK that is refused costs the connection, and the work's own error is thrown", async () => {
    const { pool, opened } = await lyingServer(begun, Buffer.concat([failure("XX000"), ready("T")]), right);
    await expect(pool.tx([], () => Promise.reject(new RangeError("mine")))).rejects.toThrow("mine");
    await pool.batch([statement]);
    expect(opened()).toBe(2);
  });
});
