/** One statement: text with `$1…` placeholders, and what is bound to them. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * What `sql` makes. Only an object that was built here counts as SQL inside another template: a request body shaped
 * like `{ text, values }` is bound as a parameter, never spliced in.
 */
class Fragment implements Statement {
  readonly #strings: readonly string[];
  readonly values: readonly unknown[];
  #text: string | undefined;

  constructor(strings: readonly string[], values: readonly unknown[], text?: string) {
    this.#strings = strings;
    this.values = values;
    this.#text = text;
  }

  get text(): string {
    return (this.#text ??= withPlaceholders(this.#strings));
  }

  static stringsOf(value: unknown): readonly string[] | null {
    return typeof value === "object" && value !== null && #strings in value ? value.#strings : null;
  }
}

const textsOfTemplates = new WeakMap<TemplateStringsArray, string>();

/**
 * Builds a statement: `${value}` becomes a bound parameter, whatever it is; `${statement}` made by `sql` is spliced
 * in and renumbered.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Statement {
  const text = textsOfTemplates.get(strings) ?? textOfTemplate(strings);
  const plain = values.every((value) => Fragment.stringsOf(value) === null);
  return plain ? new Fragment(strings, values, text) : spliced(strings, values);
}

/** Statements with a separator between them; an empty list gives empty text, which the server refuses where it matters. */
sql.join = (statements: readonly Statement[], separator = ", "): Statement => {
  if (!/^[\sa-zA-Z,|]*$/.test(separator)) throw new TypeError("A separator is a comma or words");
  const between = statements.map((_, index) => (index === 0 ? "" : separator));
  return spliced([...between, ""], statements.map(madeHere));
};

/** A name in double quotes. Takes only lower-case plain names, so no quoting can be broken out of. */
sql.identifier = (name: string): Statement => {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new TypeError("Not a plain lower-case SQL name");
  return new Fragment([`"${name}"`], []);
};

/** SQL as written. For constants in the source only, never for anything that came in from outside. */
sql.raw = (text: string): Statement => {
  refusePlaceholders(text);
  return new Fragment([text], []);
};

/** Computed once per place in the source: the same string object each time keeps the look-ups by text cheap. */
function textOfTemplate(strings: TemplateStringsArray): string {
  // Parsed JSON can be an array, but no array of it has `raw`.
  if (!Array.isArray(strings) || !Array.isArray(strings.raw)) throw new TypeError("sql is a template tag");
  for (const part of strings) refusePlaceholders(part);
  const text = withPlaceholders(strings);
  textsOfTemplates.set(strings, text);
  return text;
}

function refusePlaceholders(text: string): void {
  if (/\$\d/.test(text)) throw new TypeError("Placeholders are numbered by sql; pass the value itself");
}

function madeHere(statement: Statement): Statement {
  if (Fragment.stringsOf(statement) === null)
    throw new TypeError("Only statements made by sql can be joined");
  return statement;
}

function spliced(strings: readonly string[], values: readonly unknown[]): Fragment {
  const flatStrings: string[] = [strings[0] ?? ""];
  const flatValues: unknown[] = [];
  const glue = (text: string): void => {
    flatStrings.push(`${flatStrings.pop() ?? ""}${text}`);
  };
  values.forEach((value, index) => {
    const inner = Fragment.stringsOf(value);
    if (inner === null) {
      flatValues.push(value);
      flatStrings.push("");
    } else {
      glue(inner[0] ?? "");
      flatStrings.push(...inner.slice(1));
      // Only a Fragment has strings, and every Fragment has values.
      for (const bound of (value as Fragment).values) flatValues.push(bound);
    }
    glue(strings[index + 1] ?? "");
  });
  return new Fragment(flatStrings, flatValues);
}

function withPlaceholders(strings: readonly string[]): string {
  return strings.reduce((text, part, index) => (index === 0 ? part : `${text}$${index}${part}`), "");
}
