import type { EdgeRule, EdgeRules } from "../../http/index.ts";
import { bodyBytes, type EdgePlace, perMinute, remarks } from "./edge-place.ts";

/** The rules as a file for nginx's `http { }`. */
export function nginxRules({ rules, contorted, wellFormed, ...rates }: EdgeRules, place: EdgePlace): string {
  const address = perMinute(rates.addressRate);
  const guess = perMinute(rates.guessRate);
  return `${remarks(place, "nginx")}
# Include it in http { }, and say there which certificate to use. Name this nginx in RINGFENCE_TRUSTED_PROXIES.

limit_req_zone $binary_remote_addr zone=ringfence_address:10m rate=${address}r/m;
limit_req_zone $binary_remote_addr zone=ringfence_guess:10m rate=${guess}r/m;

upstream ringfence {
  server ${place.upstream};
  keepalive 64;
}

server {
  listen ${place.listen};
  server_tokens off;
  merge_slashes off;
  large_client_header_buffers 4 16k;
  client_max_body_size 1;
  limit_req_status 429;
  limit_req zone=ringfence_address burst=${address} nodelay;

  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_request_buffering off;

  if ($request_uri ~* "^[^?]*(?:${contorted.replaceAll("|$", "|[?]|$")})") { return 400; }
  if ($request_uri !~ "${wellFormed}") { return 400; }

${rules.map((rule) => locationOf(rule, address, guess)).join("\n")}
  location / { return 404; }
}`;
}

function locationOf(rule: EdgeRule, address: number, guess: number): string {
  if (rule.methods.length === 0) return `  location ~ "${rule.pattern}" { return 404; }`;
  return [
    `  location ~ "${rule.pattern}" {`,
    `    if ($request_method !~ "^(?:${rule.methods.join("|")})$") { return 405; }`,
    `    client_max_body_size ${bodyBytes(rule)};`,
    ...(rule.guessable
      ? [
          `    limit_req zone=ringfence_address burst=${address} nodelay;`,
          `    limit_req zone=ringfence_guess burst=${guess} nodelay;`,
        ]
      : []),
    "    proxy_pass http://ringfence;",
    "  }",
  ].join("\n");
}
