import { expect, test } from "vitest";
import { deviceKind, deviceName } from "./device-name.ts";

const chromeOnMac =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const safariOnPhone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

test.each([
  [chromeOnMac, "Chrome on Mac", "computer"],
  [safariOnPhone, "Safari on iPhone", "phone"],
  ["Opera on Windows", "Opera on Windows", "computer"],
  ["Samsung Internet on Android", "Samsung Internet on Android", "phone"],
  ["Unknown browser on Linux", "Unknown browser on Linux", "computer"],
  ["curl/8.5.0", "curl/8.5.0", "program"],
  ["", "Unknown device", "program"],
  [null, "Unknown device", "program"],
])("calls %s what a person would", (device, name, kind) => {
  expect(deviceName(device)).toBe(name);
  expect(deviceKind(device)).toBe(kind);
});
