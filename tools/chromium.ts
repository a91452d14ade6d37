import { existsSync } from "node:fs";

/** Where browser tests find Chromium: `CHROMIUM_PATH`, or where Debian puts it; null when there is none. */
export function chromiumPath(): string | null {
  const chosen = process.env["CHROMIUM_PATH"];
  const places =
    chosen === undefined || chosen === "" ? ["/usr/bin/chromium", "/usr/bin/chromium-browser"] : [chosen];
  return places.find((place) => existsSync(place)) ?? null;
}
