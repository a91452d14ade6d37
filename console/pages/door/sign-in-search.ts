export interface SignInSearch {
  /** Where the person was going. */
  readonly to?: string;
  readonly ended?: true;
  /** Back from an identity provider, with the second factor still to show. */
  readonly step?: "second-factor";
  /** Back from an identity provider with nothing; the request's id leads an administrator to the reason. */
  readonly refused?: "single-sign-on";
  readonly request?: string;
  /** A connection that another site has sent the person to: they go on with a press of their own. */
  readonly sso?: string;
}

/** What the address of the sign-in page may say; anything else in it is nothing. */
export function signInSearch(search: Record<string, unknown>): SignInSearch {
  const { to, request, sso } = search;
  return {
    ...(typeof to === "string" ? { to } : {}),
    ...(search["ended"] === true ? { ended: true } : {}),
    ...(search["step"] === "second-factor" ? { step: "second-factor" } : {}),
    ...(search["refused"] === "single-sign-on" ? { refused: "single-sign-on" } : {}),
    ...(typeof request === "string" ? { request } : {}),
    ...(typeof sso === "string" && /^[\da-f-]{36}$/u.test(sso) ? { sso } : {}),
  };
}
