/** The present; the one place where the console reads the machine's clock. */
export function nowMs(): number {
  return Date.now();
}
