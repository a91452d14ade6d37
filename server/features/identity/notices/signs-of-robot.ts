import type { BrowserSigns } from "../../../http/index.ts";

/** Browsers that somebody has built to be driven by programs, by what they call themselves. */
const driven =
  /\b(?:HeadlessChrome|PhantomJS|Electron|jsdom|HtmlUnit|SlimerJS|Splash|Playwright|Puppeteer|Selenium)\b/i;
/** These have sent Fetch Metadata for years (Chromium 76, Firefox 90); Safari only since 16.4. */
const sendsMetadata = /\b(?:Chrome|Chromium|CriOS|Firefox)\/\d/;

/**
 * Whether a sign-in looks as if a program had made it: it says so itself, it names itself no browser, or it names itself one and
 * does not send what that one sends. Whoever wants to can pretend better, so it asks for a fresh proof, and blocks nobody.
 */
export function looksAutomated(
  device: string,
  { language, metadata, driven: saysSo }: BrowserSigns,
): boolean {
  // Every browser begins so, and hardly anything else.
  if (saysSo || !device.startsWith("Mozilla/5.0 (") || driven.test(device)) return true;
  // Chrome for iPhones is Safari within.
  return !language || (!metadata && sendsMetadata.test(device) && !/\b(?:iPhone|iPad)\b/.test(device));
}
