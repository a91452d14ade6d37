import type { EdgeRule, EdgeRules } from "../../http/index.ts";
import { type EdgePlace, remarks } from "./edge-place.ts";

/** The rules as sections of a configuration of HAProxy. */
export function haproxyRules(
  { rules, contorted, wellFormed, addressRate, guessRate }: EdgeRules,
  place: EdgePlace,
): string {
  const guessable = rules.flatMap((rule, at) => (rule.guessable ? [at] : []));
  return `${remarks(place, "haproxy")}
# Give it to haproxy with a -f of its own, beside your global and defaults sections (mode http, timeouts). Name this
# haproxy in RINGFENCE_TRUSTED_PROXIES. Bodies without a Content-Length are bounded by the server alone.

backend ringfence_guesses
  stick-table type ipv6 size 200k expire ${guessRate.periodMs}ms store http_req_rate(${guessRate.periodMs}ms)

frontend ringfence
  mode http
  bind ${place.listen}
  option forwardfor
  stick-table type ipv6 size 200k expire ${addressRate.periodMs}ms store http_req_rate(${addressRate.periodMs}ms)
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${addressRate.limit} }
  http-request deny deny_status 400 if { path -m reg -i '${contorted}' }
  http-request deny deny_status 400 if !{ pathq -m reg '${wellFormed}' }
${rules.map(({ pattern }, at) => `  http-request set-var(txn.rule) int(${at}) if !{ var(txn.rule) -m found } { path -m reg '${pattern}' }`).join("\n")}
  http-request deny deny_status 404 if !{ var(txn.rule) -m found }
${rules.map(boundsOf).join("\n")}
  http-request track-sc1 src table ringfence_guesses if { var(txn.rule) -m int ${guessable.join(" ")} }
  http-request deny deny_status 429 if { var(txn.rule) -m int ${guessable.join(" ")} } { sc_http_req_rate(1,ringfence_guesses) gt ${guessRate.limit} }
  default_backend ringfence

backend ringfence
  mode http
  server ringfence ${place.upstream}`;
}

function boundsOf({ methods, bodyBytesMax }: EdgeRule, at: number): string {
  const here = `{ var(txn.rule) -m int ${at} }`;
  if (methods.length === 0) return `  http-request deny deny_status 404 if ${here}`;
  return [
    `  http-request deny deny_status 405 if ${here} !{ method ${methods.join(" ")} }`,
    `  http-request deny deny_status 413 if ${here} { req.hdr_val(content-length) gt ${bodyBytesMax} }`,
  ].join("\n");
}
