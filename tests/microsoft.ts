import { execFileSync } from "node:child_process";
import { promises } from "node:dns";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import https, { createServer } from "node:https";
import type { Duplex } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { vi } from "vitest";

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Microsoft's sign-in servers, as far as names and TLS go: while it stands, this process finds them on this machine. */
export interface Microsoft {
  readonly host: string;
  /** Whoever answers under each path, such as "/<directory>/v2.0"; asked without it. */
  readonly answers: Map<string, Handle>;
  /** What came, of any path. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/**
 * Starts them. The product is told nothing: its own resolver finds loopback, and its own TLS a certificate in the right name
 * from an authority that this process trusts; only the port is another one, since 443 is root's.
 */
export async function microsoft(host = "login.microsoftonline.com"): Promise<Microsoft> {
  const { key, certificate } = selfSigned(host);
  const answers: Microsoft["answers"] = new Map();
  const requests: string[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const url = request.url ?? "";
    requests.push(`${request.method} ${url}`);
    const [path, handle] = [...answers].find(([prefix]) => url.startsWith(`${prefix}/`)) ?? [];
    if (path === undefined || handle === undefined) {
      response.writeHead(404).end();
      return;
    }
    handle(Object.assign(request, { originalUrl: url, url: url.slice(path.length) }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const restore = redirect(host, { port, ca: certificate });
  return {
    host,
    answers,
    requests,
    stop: () => {
      restore();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Until it is called back, this host is this machine, behind this port and by this authority. */
function redirect(host: string, { port, ca }: ConnectionOptions): () => void {
  const { lookup } = promises;
  const found = vi
    .spyOn(promises, "lookup")
    .mockImplementation(((name: string, options: object) =>
      name === host
        ? Promise.resolve([{ address: "127.0.0.1", family: 4 }])
        : lookup(name, options)) as typeof promises.lookup);
  const former = https.globalAgent;
  // An agent of one's own (`agent: false`) is made of the same class as the global one.
  class ToMicrosoft extends https.Agent {
    override createConnection(options: ConnectionOptions): Duplex {
      return connect(options.host === host ? { lookup: here, ...options, port, ca } : options);
    }
  }
  https.globalAgent = new ToMicrosoft();
  return () => {
    https.globalAgent.destroy();
    https.globalAgent = former;
    found.mockRestore();
  };
}

/** For the test's own browser; the product comes with an address that it has judged. */
const here: NonNullable<ConnectionOptions["lookup"]> = (_name, _options, done) =>
  done(null, [{ address: "127.0.0.1", family: 4 }]);

function selfSigned(host: string): { readonly key: string; readonly certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), "ringfence-microsoft-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  try {
    const request = ["req", "-x509", "-nodes", "-days", "2", "-subj", `/CN=${host}`, "-keyout", key];
    const extension = ["-addext", `subjectAltName=DNS:${host}`, "-out", certificate];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    execFileSync("openssl", [...request, ...curve, ...extension], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
