import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressGuard } from "./address-guard.ts";
import { EgressRefusal, guardedFetch } from "./index.ts";

describe("addresses", () => {
  const guard = addressGuard(["10.20.0.0/16", "127.0.0.1"]);

  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.2",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "ff02::1",
    "2001:db8::1",
    "2002:a00:1::",
    "2001::1",
  ])("%s is closed", (address) => {
    expect(guard.refusalOf(address)).toBe("not a public address");
  });

  test.each(["8.8.8.8", "172.32.0.1", "192.167.0.1", "2606:4700::1111", "10.20.30.40", "127.0.0.1"])(
    "%s is open",
    (address) => {
      expect(guard.refusalOf(address)).toBeNull();
    },
  );

  test("take plain HTTP on this machine only, and only where it is named", () => {
    const plain = ["127.0.0.1", "10.20.30.40", "8.8.8.8", "127.0.0.2"].map((address) =>
      guard.mayGoPlainly(address),
    );
    expect(plain).toEqual([true, false, false, false]);
  });
});

describe("a guarded fetch", () => {
  let server: Server;
  let origin: string;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host}`);
      if (request.url === "/moved") response.writeHead(302, { location: "/" }).end();
      else if (request.url === "/huge") response.end("x".repeat(3000));
      else if (request.url === "/slow") setTimeout(() => response.end("late"), 3000).unref();
      else if (request.url === "/drip") response.write("x");
      else response.writeHead(200, { "x-name": "value" }).end(`hello ${request.headers["accept-encoding"]}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const fetching = guardedFetch({ allowed: ["127.0.0.1"], bytesMax: 2000, msMax: 400 });
  const refusal = async (work: Promise<Response>): Promise<string> =>
    work.then(
      () => "answered",
      (error: unknown) => (error instanceof EgressRefusal ? error.message : String(error)),
    );

  test("answers with status, headers and body, unpacked", async () => {
    const answer = await fetching(`${origin}/x`);
    expect([answer.status, answer.headers.get("x-name"), await answer.text()]).toEqual([
      200,
      "value",
      "hello identity",
    ]);
  });

  test("follows nothing, reads no more than it may, and waits no longer", async () => {
    expect(await refusal(fetching(`${origin}/moved`))).toBe("it answered with a redirect");
    expect(await refusal(fetching(`${origin}/huge`))).toBe("the answer is too large");
    expect(await refusal(fetching(`${origin}/slow`))).toBe("it took too long");
    expect(await refusal(fetching(`${origin}/drip`))).toBe("it took too long");
    expect(await refusal(fetching("http://127.0.0.1:1"))).toBe("it could not be reached");
  });

  test("goes nowhere but by HTTP, and with no credentials", async () => {
    expect(await refusal(fetching("file:///etc/passwd"))).toBe("not an address for HTTPS");
    expect(await refusal(fetching("javascript:alert(1)"))).toBe("not an address for HTTPS");
    expect(await refusal(fetching("not an address"))).toBe("not an address for HTTPS");
    expect(await refusal(fetching("https://user:pass@example.com"))).toBe("an address with credentials");
    expect(await refusal(guardedFetch({ allowed: [] })(`${origin}/x`))).toBe("not a public address");
  });

  test("judges every address of a name, and connects to the one that it judged (rebinding)", async () => {
    let round = 0;
    const rebinding = guardedFetch({
      allowed: ["127.0.0.1"],
      lookup: async () => {
        round += 1;
        return [{ address: round === 1 ? "127.0.0.1" : "169.254.169.254", family: 4 }];
      },
    });
    const port = new URL(origin).port;
    expect((await rebinding(`http://provider.example:${port}/x`)).status).toBe(200);
    expect([round, asked.at(-1)]).toEqual([1, `GET /x provider.example:${port}`]);
    const mixed = guardedFetch({
      allowed: ["127.0.0.1"],
      lookup: async () => [
        { address: "127.0.0.1", family: 4 },
        { address: "10.0.0.1", family: 4 },
      ],
    });
    expect(await refusal(mixed(`http://provider.example:${port}/x`))).toBe("not a public address");
    const absent = guardedFetch({ allowed: [], lookup: () => Promise.reject(new Error("ENOTFOUND")) });
    expect(await refusal(absent("https://provider.example"))).toBe("the name has no address");
    const silent = guardedFetch({ allowed: [], msMax: 100, lookup: () => new Promise(() => undefined) });
    expect(await refusal(silent("https://provider.example"))).toBe("it took too long");
  });

  // Other parsers of addresses read these in two ways. What is judged here is what is called.
  const wide = "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3";
  test.each([
    [
      "CVE-2026-75899: a name that is coded twice",
      ["https://%256c%256f%2563%2561%256c%2568%256f%2573%2574/"],
    ],
    [
      "CVE-2026-75975: malformed and mapped IPv6",
      [
        "https://[::ffff:127.0.0.1]/",
        "https://[0:0::ffff:7f00:1]/",
        "https://[::1",
        "https://[::1%25lo]/",
        "https://[:::1]/",
      ],
    ],
    [
      "CVE-2026-75931: letters that stand for others",
      [`https://${wide}/`, "https://127\u30020\u30020\u30021/", "https://%E2%93%9Bocalhost/"],
    ],
    [
      "CVE-2026-76172: a scheme that is coded",
      ["http%73://localhost/", "%68ttps://localhost/", "https%3a//localhost/"],
    ],
  ])("takes no address for another one (%s)", async (_, addresses) => {
    const reached = asked.length;
    const names: string[] = [];
    const strict = guardedFetch({
      allowed: [],
      lookup: async (name) => {
        names.push(name);
        return [{ address: "127.0.0.1", family: 4 }];
      },
    });
    for (const address of addresses)
      expect([address, await refusal(strict(address))]).toEqual([
        address,
        expect.stringMatching(/^not (a public address|an address for HTTPS)$/),
      ]);
    expect(new Set([...names, "localhost"])).toEqual(new Set(["localhost"]));
    expect(asked.length).toBe(reached);
  });
});
