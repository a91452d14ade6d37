/**
 * The nonce of this very response, which the server wrote into the page.
 *
 * Read from the property, not the attribute: browsers blank the attribute so that injected CSS cannot read it out.
 */
export function pageNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]");
  return meta?.nonce ?? "";
}

/** Hands the nonce to libraries that add a style tag of their own and look for it under this name. */
export function shareNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
}
