import type { EdgeRule, EdgeRules } from "../../http/index.ts";
import { bodyBytes, type EdgePlace, remarks } from "./edge-place.ts";

/** The rules as a site block of a Caddyfile. */
export function caddyRules({ rules, contorted, wellFormed }: EdgeRules, place: EdgePlace): string {
  return `${remarks(place, "caddy")}
# Import it in the Caddyfile. Name this Caddy in RINGFENCE_TRUSTED_PROXIES.
# Caddy as it comes cannot limit rates, so that is left to the server.

${place.listen} {
  route {
    @contorted vars_regexp {http.request.uri} \`(?i)^[^?]*(?:${contorted.replaceAll("|$", "|[?]|$")})\`
    respond @contorted 400
    @malformed not vars_regexp {http.request.uri} \`${wellFormed}\`
    respond @malformed 400
${rules.map((rule, at) => handlerOf(rule, at, place)).join("\n")}
    respond 404
  }
}`;
}

function handlerOf(rule: EdgeRule, at: number, { upstream }: EdgePlace): string {
  const here = `    @path${at} path_regexp path${at} \`${rule.pattern}\``;
  if (rule.methods.length === 0) return `${here}\n    respond @path${at} 404`;
  return [
    here,
    `    @other${at} {`,
    `      path_regexp other${at} \`${rule.pattern}\``,
    `      not method ${rule.methods.join(" ")}`,
    "    }",
    `    respond @other${at} 405`,
    `    handle @path${at} {`,
    "      request_body {",
    `        max_size ${bodyBytes(rule)}`,
    "      }",
    `      reverse_proxy ${upstream}`,
    "    }",
  ].join("\n");
}
