const browsers = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
] as const;

const systems = [
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["Windows", "Windows"],
  ["Mac OS X", "Mac"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;

/** A device as a person would call it: "Chrome on Mac"; what is no browser keeps the name it gave itself. */
export function deviceName(device: string | null): string {
  if (device === null || device.trim() === "") return "Unknown device";
  const browser = browsers.find(([mark]) => device.includes(mark))?.[1];
  const system = systems.find(([mark]) => device.includes(mark))?.[1];
  if (browser === undefined) return device.length > 60 ? `${device.slice(0, 60)}…` : device;
  return system === undefined ? browser : `${browser} on ${system}`;
}

/** What kind of device it is, for its picture. */
export function deviceKind(device: string | null): "phone" | "computer" | "program" {
  const name = device ?? "";
  if (/iPhone|iPad|Android|\bon (?:iOS|Android)\b/u.test(name)) return "phone";
  // The server names browsers in words, "Opera on Windows"; what names itself otherwise is a program.
  return /Mozilla|Chrome|Firefox|Safari|Edge|\bon (?:Windows|Mac|Linux|ChromeOS)$/u.test(name)
    ? "computer"
    : "program";
}
