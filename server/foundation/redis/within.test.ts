import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { Late, within } from "./within.ts";

test("an answer in time is passed on, as is a failure", async () => {
  await expect(within(Promise.resolve(7), 1000)).resolves.toBe(7);
  await expect(within(Promise.reject(new TypeError("x")), 1000)).rejects.toThrow(TypeError);
});

test("nobody waits longer than that", async () => {
  await expect(within(new Promise(() => undefined), 5)).rejects.toThrow(Late);
});

test("what arrived while this process stalled is not late", async () => {
  const accepted = new Promise<Socket>((resolve) => {
    const server = createServer((socket) => {
      server.close();
      resolve(socket);
    });
    server.listen(0, "127.0.0.1", () => {
      const at = server.address();
      if (typeof at === "object" && at !== null) asking = connect(at.port, "127.0.0.1");
    });
  });
  let asking: Socket | undefined;
  const answering = await accepted;
  const answer = new Promise((resolve) => asking?.once("data", resolve));
  const outcome = within(answer, 20);
  answering.end("in time");
  const began = performance.now();
  while (performance.now() - began < 60);
  expect(String(await outcome)).toBe("in time");
});
