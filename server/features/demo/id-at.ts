import { randomBytes } from "../../foundation/ids/index.ts";

/** A UUID of version 7 for something that happened then: lists are ordered by id, so ids must tell the story's time. */
export function idAt(moment: number): string {
  const time = Math.floor(moment).toString(16).padStart(12, "0");
  const rest = randomBytes(10).toString("hex");
  const variant = ((Number.parseInt(rest.slice(3, 4), 16) & 3) | 8).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${rest.slice(0, 3)}`,
    `${variant}${rest.slice(4, 7)}`,
    rest.slice(7, 19),
  ].join("-");
}
