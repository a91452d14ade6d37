import type {
  FastifyInstance,
  FastifySchemaCompiler,
  FastifySerializerCompiler,
  RouteOptions,
} from "fastify";

const inputs = ["params", "querystring", "body"] as const;

/** Nothing is coerced, dropped or guessed; `verbose` lets a misspelt field be told what it is near to. */
const strictly = {
  allErrors: true,
  allowUnionTypes: true,
  // The engine optimizes too, and only what is used; a tenth of a second of every start.
  code: { optimize: false },
  coerceTypes: false,
  logger: false,
  removeAdditional: false,
  strict: true,
  strictTuples: false,
  strictTypes: false,
  useDefaults: true,
  verbose: true,
} as const;

interface Compilers {
  readonly input: FastifySchemaCompiler<unknown>;
  readonly answer: FastifySerializerCompiler<unknown>;
}

const known = new Map<string, object>();
const writers = new WeakMap<object, ReturnType<Compilers["answer"]>>();
let compilers: Promise<Compilers> | undefined;

/**
 * Has what checks inputs and what writes answers compiled once in a process for each schema, which is most of a start:
 * the same door stands at two addresses and answers HEAD too, and most queries are empty. Call it before the first route.
 */
export async function compileOnce(app: FastifyInstance): Promise<void> {
  const { input, answer } = await (compilers ??= ownCompilers());
  app.addHook("onRoute", unifySchemas);
  // Keeps what it has compiled by the schema's object.
  app.setValidatorCompiler(input);
  app.setSerializerCompiler((route) => {
    const schema = Object(route.schema);
    const writer = writers.get(schema) ?? answer(route);
    writers.set(schema, writer);
    return writer;
  });
}

/** The framework's own; it makes them when it meets the first schema of each kind, and hands them out for one schema at a time. */
async function ownCompilers(): Promise<Compilers> {
  const { fastify } = await import("fastify");
  const workshop = fastify({ logger: false, ajv: { customOptions: strictly } });
  const schema = { querystring: {}, response: { 200: {} } };
  workshop.route({ method: "GET", url: "/", schema, handler: () => ({}) });
  await workshop.ready();
  const { validatorCompiler: input, serializerCompiler: answer } = workshop;
  await workshop.close();
  if (input === undefined || answer === undefined)
    throw new Error("the framework has no compilers of its own");
  return { input, answer };
}

/** Makes equal schemas one and the same object. */
function unifySchemas({ schema }: RouteOptions): void {
  if (schema === undefined) return;
  for (const input of inputs) if (schema[input] !== undefined) schema[input] = theOne(schema[input]);
  if (schema.response === undefined) return;
  const answers = Object.entries(Object(schema.response));
  schema.response = Object.fromEntries(answers.map(([status, answer]) => [status, theOne(answer)]));
}

function theOne(schema: unknown): object {
  const text = JSON.stringify(schema);
  const one = known.get(text) ?? Object(schema);
  known.set(text, one);
  return one;
}
