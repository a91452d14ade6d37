import { describeError } from "../server/foundation/log/index.ts";

/** All that the log says of an error, for tests of what it must not say. */
export function logged(error: unknown): string {
  return JSON.stringify(describeError(error));
}
