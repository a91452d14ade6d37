import { claimsToBeKey, readKey } from "../api-key.ts";
import { doors, type Operations } from "../generated/api.ts";
import { problemOf } from "./api-problem.ts";

/** As much of `fetch` as is used. Wrap it to add a timeout, a retry or a certificate pin. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string | Uint8Array<ArrayBuffer>;
  },
) => Promise<{
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

export interface ClientOptions {
  /** Where Ringfence is, such as https://crm.example.com. */
  readonly url: string;
  /** An API key, or a token that one was exchanged for. It names the organization. */
  readonly key: string;
  readonly fetch: Fetch;
}

/** Beside what the operation itself takes. */
interface Extras {
  /** The version that is changed (If-Match); a newer one on the server is refused as `version-conflict`. */
  readonly version?: number;
  /** Makes sending the same creation twice safe. */
  readonly idempotencyKey?: string;
}

export type OperationName = keyof Operations;
type Asked<Name extends OperationName> = Omit<Operations[Name], "answer"> & Extras;
type Arguments<Name extends OperationName> =
  Record<never, never> extends Asked<Name> ? [asked?: Asked<Name>] : [asked: Asked<Name>];

/** A function for each operation of the API. It resolves to the answer, and rejects with an ApiProblem. */
export type Client = {
  readonly [Name in OperationName]: (...given: Arguments<Name>) => Promise<Operations[Name]["answer"]>;
};

/** What a list answers. */
interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** A client that holds one key and sends nothing anywhere but to its server. Throws at once when the key is mistyped or cut off. */
export function openClient(options: ClientOptions): Client {
  const read = claimsToBeKey(options.key) ? readKey(options.key) : null;
  if (typeof read === "string") throw new TypeError(`The API key cannot be right. ${read}`);
  const base = options.url.replace(/\/+$/, "");
  const made = Object.entries<Door>(doors).map(([name, door]) => [
    name,
    (asked: Given = {}) => call(base, options, door, asked),
  ]);
  // The table has exactly the keys of Operations; both are written from the same declarations.
  return Object.fromEntries(made) as Client;
}

/** Walks a list to its end, page by page: `for await (const contact of everyItem((after) => client.listContacts({ query: { after } })))`. */
export async function* everyItem<Item>(
  page: (after: { readonly after?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item, void> {
  let after: string | null = null;
  do {
    const { items, next }: Page<Item> = await page(after === null ? {} : { after });
    yield* items;
    after = next;
  } while (after !== null);
}

interface Door {
  readonly method: string;
  readonly path: string;
  /** The media type of the body, where it is not JSON. */
  readonly sends?: string;
}

interface Given extends Extras {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly body?: unknown;
}

async function call(base: string, options: ClientOptions, door: Door, asked: Given): Promise<unknown> {
  const body = bodyOf(asked.body, door.sends);
  const answer = await options.fetch(`${base}${addressOf(door.path, asked)}`, {
    method: door.method,
    headers: {
      authorization: `Bearer ${options.key}`,
      accept: "application/json, text/csv, */*;q=0.1",
      ...(body === undefined ? {} : { "content-type": door.sends ?? "application/json" }),
      ...(asked.version === undefined ? {} : { "if-match": `"v${asked.version}"` }),
      ...(asked.idempotencyKey === undefined ? {} : { "idempotency-key": asked.idempotencyKey }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (!answer.ok) throw problemOf(answer.status, text);
  return answerOf(answer.headers.get("content-type") ?? "", text);
}

function bodyOf(body: unknown, sends: string | undefined): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined) return undefined;
  // The types let only texts and bytes through where something else than JSON is sent.
  return sends === undefined ? JSON.stringify(body) : (body as string | Uint8Array<ArrayBuffer>);
}

function addressOf(path: string, { params = {}, query = {} }: Given): string {
  const filled = path.replace(/\{([A-Za-z]+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ""),
  );
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`],
  );
  return pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`;
}

/** JSON where it is some; files come as their text. */
function answerOf(type: string, text: string): unknown {
  if (text === "") return undefined;
  return /^application\/json\b/.test(type) ? JSON.parse(text) : text;
}
