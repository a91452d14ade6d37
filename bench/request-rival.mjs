import { createRequire } from "node:module";
import { createServer } from "node:http";
import path from "node:path";

// PostGraphile on the same rows, with row security that asks a setting: `node request-rival.mjs FOLDER DSN`, where FOLDER
// has it installed. It judges no session, which is in its favour: the organization comes from a header.

const [folder = "", dsn = ""] = process.argv.slice(2);
const require = createRequire(path.join(folder, "package.json"));
const { postgraphile } = require("postgraphile");
const { PostGraphileAmberPreset } = require("postgraphile/presets/amber");
const { makePgService } = require("postgraphile/adaptors/pg");
const { grafserv } = require("postgraphile/grafserv/node");

const service = makePgService({
  connectionString: dsn,
  schemas: ["rival"],
  poolConfig: { max: 8, application_name: "bench rival" },
});
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [service],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: {
    explain: false,
    context: ({ node }) => ({ pgSettings: { "rival.tenant": node?.req.headers["x-tenant"] ?? "" } }),
  },
};
const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.error(JSON.stringify({ port: server.address().port })));
