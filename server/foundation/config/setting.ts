/** What became of a text: a value, or one sentence that says what a good value looks like and never repeats the text. */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

export type Parser<T> = (text: string) => Parsed<T>;

/** One thing that an operator may set, with everything that checks, documents and redacts it. */
export interface Setting<T> {
  readonly env: string;
  readonly is: Parser<T>;
  /** The value when nothing is set. */
  readonly otherwise: T;
  /** What happens when nothing is set, where the value itself does not say it. */
  readonly otherwiseMeans?: string;
  readonly why: string;
  /** A value that would pass; for a secret, how to come by one. */
  readonly example: string;
  /** Never printed, handed to the log as something to strike out, and readable from a file named by `<env>_FILE`. */
  readonly secret: boolean;
}

interface Declared<T, Otherwise> extends Omit<Setting<T>, "is" | "otherwise" | "secret"> {
  readonly is: Parser<T>;
  readonly otherwise: Otherwise;
  readonly secret?: boolean;
}

/** Declares a setting; the checks, the documents and the log's list of secrets all follow from it. */
export function setting<T, Otherwise extends T | null = T>(
  declared: Declared<T, Otherwise>,
): Setting<T | Otherwise> {
  return { secret: false, ...declared };
}
