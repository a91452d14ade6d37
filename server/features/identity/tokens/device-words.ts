type Words = readonly (readonly [sign: RegExp, word: string])[];

/** In this order: most browsers name those that they descend from as well. */
const browsers: Words = [
  [/\bEdg(?:A|iOS|e)?\//, "Edge"],
  [/\b(?:OPR|OPiOS|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bYaBrowser\//, "Yandex Browser"],
  [/\bDuckDuckGo\//, "DuckDuckGo"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:HeadlessChrome)\//, "Headless Chrome"],
  [/\b(?:Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bVersion\/[\d.]+ .*Safari\//, "Safari"],
  [/\bTrident\/|\bMSIE /, "Internet Explorer"],
];

const systems: Words = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "Mac"],
  [/\bLinux\b/, "Linux"],
];

/**
 * What a browser calls itself, in words that its person knows: "Firefox on Windows". A program's own name is left as it is. It is
 * a help to recognise one's devices, and no evidence: anybody can call himself anything.
 */
export function deviceInWords(userAgent: string): string {
  // Every browser begins so, and hardly anything else.
  if (!userAgent.startsWith("Mozilla/5.0 ("))
    return userAgent === "" ? "Unknown program" : userAgent.slice(0, 100);
  const browser = wordFor(browsers, userAgent) ?? "Unknown browser";
  const system = wordFor(systems, userAgent);
  return system === null ? browser : `${browser} on ${system}`;
}

function wordFor(words: Words, text: string): string | null {
  return words.find(([sign]) => sign.test(text))?.[1] ?? null;
}
