import { newToken } from "../foundation/ids/index.ts";
import type { Exchange } from "./exchange.ts";
import type { Floor } from "./floor.ts";

/** By which a browser is known again; no credential, and good for nothing without one. */
const deviceCookie = "__Host-device";
const deviceSeconds = 180 * 86_400;

/**
 * Has the kernel look at a sign-in before the browser has anything of it, whatever way in it was. Only open doors sign
 * anybody in; a session that a person's own door renews is none that was opened.
 */
export async function greet(exchange: Exchange, token: string, { kernel }: Floor): Promise<void> {
  try {
    const kept = exchange.keeps(deviceCookie);
    const mark = kept !== null && /^[A-Za-z0-9_-]{43}$/.test(kept) ? kept : newToken();
    if (mark !== kept) exchange.keepCookie(deviceCookie, mark, deviceSeconds);
    const { id, ip, device } = exchange;
    const has = (name: string): boolean => (exchange.header(name) ?? "") !== "";
    const signs = {
      language: has("accept-language"),
      metadata: has("sec-fetch-site"),
      driven: exchange.header("x-webdriver") === "true",
    };
    await kernel.sessionOpened({ token, mark, requestId: id, ip, device, signs });
  } catch (thrown) {
    exchange.withholdCookies();
    throw thrown;
  }
}
