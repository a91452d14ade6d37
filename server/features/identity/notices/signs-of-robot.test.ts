import { expect, test } from "vitest";
import { looksAutomated } from "./signs-of-robot.ts";

const chrome =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const oldSafari =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 Safari/605.1.15";
const phone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.0.0 Mobile/15E148 Safari/604.1";
const all = { language: true, metadata: true, driven: false };

test.each([
  ["", all],
  ["curl/8.14.1", all],
  ["python-requests/2.32", all],
  ["Mozilla/4.0 (compatible; MSIE 6.0)", all],
  [chrome.replace("Chrome/", "HeadlessChrome/"), all],
  [chrome, { ...all, language: false }],
  [chrome, { ...all, metadata: false }],
  [firefox, { ...all, metadata: false }],
  [oldSafari, { ...all, language: false }],
  [chrome, { ...all, driven: true }],
])("%s looks like a program with %o", (device, signs) => {
  expect(looksAutomated(device, signs)).toBe(true);
});

test.each([
  [chrome, all],
  [firefox, all],
  [oldSafari, { ...all, metadata: false }],
  [phone, { ...all, metadata: false }],
])("%s looks like a person's browser with %o", (device, signs) => {
  expect(looksAutomated(device, signs)).toBe(false);
});
