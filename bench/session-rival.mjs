import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";

// better-auth on the same PostgreSQL, as its documentation sets it up: `node session-rival.mjs FOLDER DSN MODE`, where FOLDER has it
// installed and MODE is `migrate`, or what its sessions are read by: `queries`, `joins` or `cookie-cache`. It is asked by a bare
// node:http server, which costs it less than its own handler would.

const [folder = "", dsn = "", mode = ""] = process.argv.slice(2);
const require = createRequire(path.join(folder, "package.json"));
const { betterAuth } = require("better-auth");
const { fromNodeHeaders } = require("better-auth/node");
const { getMigrations } = require("better-auth/db/migration");
const { Pool } = require("pg");

const options = {
  baseURL: "http://127.0.0.1",
  secret: "a secret of the bench, long enough for anybody",
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  logger: { disabled: true },
  database: new Pool({
    connectionString: dsn,
    max: 8,
    application_name: `bench better-auth ${mode}`,
    options: "-c search_path=rival_auth",
  }),
  emailAndPassword: { enabled: true },
  session: { cookieCache: { enabled: mode === "cookie-cache", maxAge: 300 } },
  ...(mode === "joins" ? { advanced: { database: { joins: true } }, experimental: { joins: true } } : {}),
};

if (mode === "migrate") {
  await (await getMigrations(options)).runMigrations();
  process.exit(0);
}
const auth = betterAuth(options);

/** As many calls as it can make in so long, sixteen at a time. */
async function loop(milliseconds, from) {
  const end = performance.now() + milliseconds;
  const before = process.cpuUsage();
  let checks = 0;
  const turn = async () => {
    while (performance.now() < end) {
      checks += 1;
      const token = `bench-session-${100_000 + ((from + checks * 7919) % 190_000)}-`.padEnd(32, "0");
      const signature = createHmac("sha256", options.secret).update(token).digest("base64");
      const cookie = `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
      const session = await auth.api.getSession({ headers: new Headers({ cookie }) });
      if (session === null) throw new Error("nobody is signed in");
    }
  };
  await Promise.all(Array.from({ length: 16 }, turn));
  const { user, system } = process.cpuUsage(before);
  return { checks, microseconds: user + system };
}

const server = createServer(async (request, reply) => {
  const looping = /^\/loop\?(\d+)&(\d+)$/.exec(request.url ?? "");
  if (looping !== null) {
    reply.end(JSON.stringify(await loop(Number(looping[1]), Number(looping[2]))));
    return;
  }
  const headers = fromNodeHeaders(request.headers);
  if (request.url === "/sign-in") {
    const typed = JSON.parse(await text(request));
    const status = await auth.api.signInEmail({ body: typed, headers }).then(
      () => 200,
      () => 401,
    );
    reply.writeHead(status, { "content-length": 0 }).end();
    return;
  }
  const signsOut = request.method === "POST";
  const { response, headers: set } = signsOut
    ? await auth.api.signOut({ headers, returnHeaders: true })
    : await auth.api.getSession({ headers, returnHeaders: true });
  const body = Buffer.from(JSON.stringify(response));
  const cookies = set.getSetCookie();
  if (cookies.length > 0) reply.setHeader("set-cookie", cookies);
  reply.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  reply.end(body);
});
server.listen(0, "127.0.0.1", () =>
  console.error(JSON.stringify({ port: server.address().port, loopPort: server.address().port })),
);
