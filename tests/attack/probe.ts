/** The word that stands in each probe wherever an attacker would put something; no answer may repeat it. */
export const canary = "canary7f3ab2c9";

/** One request as its bytes are written, and how it must be refused. */
export interface Probe {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  /** Whose session it comes with; nobody's unless said. */
  readonly as?: "owner";
  readonly status: number;
}

type More = Partial<Pick<Probe, "method" | "headers" | "body" | "as">>;

/** Makes a probe, a GET unless said otherwise. */
export const probe = (name: string, status: number, target: string, more: More = {}): Probe => ({
  name,
  status,
  target,
  method: "GET",
  ...more,
});
