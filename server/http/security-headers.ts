type Headers = Readonly<Record<string, string>>;

const documentOnly = {
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** The headers that every answer carries, whatever it is. */
export function securityHeaders(publicUrl: string): Headers {
  const transport = publicUrl.startsWith("https:")
    ? { "strict-transport-security": "max-age=63072000; includeSubDomains" }
    : {};
  return Object.freeze({
    "content-security-policy":
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    ...documentOnly,
    ...transport,
  });
}

/** The policy of the console's page: code from this server only, and the style tags that carry this answer's nonce. */
export function consolePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}

/** The policy of the small pages that need no script: their one style sheet carries the nonce. */
export function pagePolicy(nonce: string, formsTo: "'none'" | "'self'" = "'none'"): string {
  return `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'; form-action ${formsTo}`;
}
