import { Type } from "@sinclair/typebox";
import type { EdgeRules } from "../http/index.ts";
import { command } from "./command.ts";
import { caddyRules } from "./edge/caddy.ts";
import type { EdgePlace } from "./edge/edge-place.ts";
import { haproxyRules } from "./edge/haproxy.ts";
import { nginxRules } from "./edge/nginx.ts";
import { edgeOf } from "./edge/paper-house.ts";
import { installedVersion } from "./version.ts";

const writers = {
  nginx: { write: nginxRules, listen: "80" },
  caddy: { write: caddyRules, listen: ":80" },
  haproxy: { write: haproxyRules, listen: ":80" },
  json: { write: (rules: EdgeRules) => JSON.stringify(rules, null, 2), listen: "" },
} satisfies Record<string, { write(rules: EdgeRules, place: EdgePlace): string; listen: string }>;

export const edgeRules = command({
  name: "edge-rules",
  options: Type.Object({
    format: Type.Union(
      [Type.Literal("nginx"), Type.Literal("caddy"), Type.Literal("haproxy"), Type.Literal("json")],
      { description: "For which proxy." },
    ),
    listen: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9 .:_/*\\[\\]=-]{1,200}$",
        description: 'Where the proxy listens, in its own words, such as "443 ssl". Port 80 unless given.',
      }),
    ),
    upstream: Type.Optional(
      Type.String({
        pattern: "^(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$",
        description: "Where the server is, as host:port. RINGFENCE_HOST and PORT unless given.",
      }),
    ),
  }),
  async run({ options, config, say }) {
    const { host, port } = config();
    const { write, listen } = writers[options.format];
    const own = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const place = {
      listen: options.listen ?? listen,
      upstream: options.upstream ?? own,
      version: installedVersion(),
    };
    say(write(await edgeOf(config()), place));
  },
});
