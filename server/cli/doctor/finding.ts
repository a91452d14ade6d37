/** One line of the doctor's report. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warn" | "fail";
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly fix: string | null;
}

export function ok(check: string, detail: string): Finding {
  return { check, state: "ok", detail, fix: null };
}

export function warn(check: string, detail: string, fix: string): Finding {
  return { check, state: "warn", detail, fix };
}

export function fail(check: string, detail: string, fix: string): Finding {
  return { check, state: "fail", detail, fix };
}

/** The findings of a check; whatever it throws becomes a failed finding, so that one broken check hides no other. */
export async function findings(
  check: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    // Codes and our own words only: a driver's message may quote an address or a value.
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    return [
      fail(
        check,
        `The check itself failed${code}.`,
        "Mend what the other findings name, and run doctor again.",
      ),
    ];
  }
}
