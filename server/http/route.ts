import type { Readable } from "node:stream";
import type { Static, TObject, TSchema, TUndefined } from "@sinclair/typebox";
import type { PersonScope, TenantScope } from "../kernel/tenancy/index.ts";
import type { Asked, Respond } from "./asked.ts";
import type { Dialect } from "./dialect.ts";
import type { Streaming } from "./streaming.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** Costly kinds of request, each with a bucket of its own beside the general ones. */
export type BurstClass = "sign-in" | "import" | "export" | "bulk" | "send";
/** A header that a handler acts on; it reads no other of these, so that the API's document names each. */
export type ConditionHeader = "If-Match" | "Idempotency-Key";
/** A permission: `<resource>.<action>`. */
export type Need = `${string}.${string}`;
export type Needs = readonly [Need, ...Need[]];

interface Given<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: Asked;
  readonly respond: Respond;
}

export interface TenantContext<P = unknown, Q = unknown, B = unknown> extends Given<P, Q, B> {
  readonly scope: TenantScope;
}

export interface PersonContext<P = unknown, Q = unknown, B = unknown> extends Given<P, Q, B> {
  readonly scope: PersonScope;
}

/** An open door knows nobody: there is no actor and no scope in it, whatever credential was sent along. */
export type OpenContext<P = unknown, Q = unknown, B = unknown> = Given<P, Q, B>;

type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

type ParamsOf<Path extends string, P> = P extends TSchema
  ? Static<P>
  : { readonly [Name in NamesIn<Path>]: string };
type BodyOf<B extends TSchema, S extends boolean> = S extends true ? Readable : Static<B>;
type AnswerOf<A extends TSchema, S extends boolean> = Static<A> | (S extends true ? Streaming : never);
type Soon<T> = T | Promise<T>;

interface Declared<Path, P, Q, B, A, S> {
  readonly method: Method;
  /** Tenant routes: from the organization on, such as `/contacts/:id`. Others: the whole path. */
  readonly path: Path;
  /** One sentence for the API's documentation. */
  readonly summary?: string;
  /** The name of the client's function; made from method and path unless given. */
  readonly operation?: string;
  /** Unless declared, a parameter is text, and one named `id` or `...Id` is a UUID. What does not fit is a 404. */
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** What may leave: fields that it does not name are dropped. `nothing` for a 204. */
  readonly answer: A;
  readonly status?: 200 | 201 | 202 | 204;
  readonly limit?: BurstClass;
  readonly bodyMaxBytes?: number;
  /** The body arrives as a raw stream, and the answer may be `streaming(...)`. */
  readonly stream?: S;
  /** The media types of a streamed body; `text/csv` unless given. */
  readonly accepts?: readonly string[];
  /** The media types of a streamed answer; `text/csv` unless given. A stream of another type does not leave. */
  readonly answers?: readonly string[];
  readonly conditions?: readonly ConditionHeader[];
}

/** A declared door, its types worn off: what the server mounts and the documents describe. */
export interface RouteBase {
  readonly method: Method;
  readonly path: `/${string}`;
  readonly summary?: string;
  readonly operation?: string;
  readonly params?: TSchema | undefined;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly answer: TSchema;
  readonly status?: 200 | 201 | 202 | 204;
  readonly limit?: BurstClass;
  readonly bodyMaxBytes?: number;
  readonly stream?: boolean;
  readonly accepts?: readonly string[];
  readonly answers?: readonly string[];
  readonly conditions?: readonly ConditionHeader[];
}

export interface TenantRoute extends RouteBase {
  readonly kind: "tenant";
  readonly needs: Needs;
  handle(context: TenantContext): unknown;
}

export interface PersonRoute extends RouteBase {
  readonly kind: "person";
  handle(context: PersonContext): unknown;
}

export interface OpenRoute extends RouteBase {
  readonly kind: "open";
  readonly openBecause: string;
  readonly crossSiteBecause?: string;
  handle(context: OpenContext): unknown;
}

/**
 * A door into one organization for programs that speak a standard: at an address of the standard's own, with its media
 * type and its way of saying no. It takes a bearer key and never a cookie, so no other site can make a browser ask.
 */
export interface ProtocolRoute extends RouteBase {
  readonly kind: "protocol";
  readonly needs: Needs;
  readonly dialect: Dialect;
  /** Answers 204 when this comes to nothing. */
  handle(context: TenantContext): unknown;
}

export type Route = TenantRoute | PersonRoute | OpenRoute | ProtocolRoute;

/**
 * A door into one organization. The handler gets a scope that holds exactly `needs`, also for an owner, so that a
 * flaw in a read cannot write. A need called `….export` or `….reveal` has the database write every use to the audit trail.
 */
export function route<
  const Path extends `/${string}`,
  A extends TSchema,
  P extends TSchema | undefined = undefined,
  Q extends TObject = TObject<Record<never, never>>,
  B extends TSchema = TUndefined,
  S extends boolean = false,
>(
  declaration: Declared<Path, P, Q, B, A, S> & {
    readonly needs: Needs;
    handle(context: TenantContext<ParamsOf<Path, P>, Static<Q>, BodyOf<B, S>>): Soon<AnswerOf<A, S>>;
  },
): TenantRoute {
  return { kind: "tenant", ...declaration };
}

/** A door as `ProtocolRoute` describes it; what its bodies hold is the standard's business, and the handler's to judge. */
export function protocolRoute<
  const Path extends `/${string}`,
  A extends TSchema,
  Q extends TObject = TObject<Record<never, never>>,
  B extends TSchema = TUndefined,
>(
  declaration: Declared<Path, undefined, Q, B, A, false> & {
    readonly needs: Needs;
    readonly dialect: Dialect;
    handle(context: TenantContext<ParamsOf<Path, undefined>, Static<Q>, BodyOf<B, false>>): unknown;
  },
): ProtocolRoute {
  if (!declaration.path.startsWith(`${declaration.dialect.prefix}/`))
    throw new Error(`${declaration.path} is not below ${declaration.dialect.prefix}`);
  return { kind: "protocol", ...declaration };
}

/** A door for a signed-in person outside of any organization: own sessions, own organizations. */
export function personRoute<
  const Path extends `/${string}`,
  A extends TSchema,
  P extends TSchema | undefined = undefined,
  Q extends TObject = TObject<Record<never, never>>,
  B extends TSchema = TUndefined,
  S extends boolean = false,
>(
  declaration: Declared<Path, P, Q, B, A, S> & {
    handle(context: PersonContext<ParamsOf<Path, P>, Static<Q>, BodyOf<B, S>>): Soon<AnswerOf<A, S>>;
  },
): PersonRoute {
  return { kind: "person", ...declaration };
}

/**
 * A door for anybody; the reason stands in the list of open doors. Unsafe methods need the CSRF token all the same
 * (sign-in can be forged too), unless `crossSiteBecause` says who calls from elsewhere.
 */
export function openRoute<
  const Path extends `/${string}`,
  A extends TSchema,
  P extends TSchema | undefined = undefined,
  Q extends TObject = TObject<Record<never, never>>,
  B extends TSchema = TUndefined,
  S extends boolean = false,
>(
  declaration: Declared<Path, P, Q, B, A, S> & {
    readonly openBecause: string;
    readonly crossSiteBecause?: string;
    handle(context: OpenContext<ParamsOf<Path, P>, Static<Q>, BodyOf<B, S>>): Soon<AnswerOf<A, S>>;
  },
): OpenRoute {
  return { kind: "open", ...declaration };
}
