/** Where to go after signing in: only a path of this console, so that no link can make sign-in lead to another site. */
export function safeReturnPath(to: string | undefined): string {
  if (to === undefined || !to.startsWith("/") || to.startsWith("//") || to.includes("\\")) return "/";
  return to.startsWith("/sign-in") ? "/" : to;
}
