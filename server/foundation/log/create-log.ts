import { now } from "../clock/index.ts";
import { type EventName, events, type Fields, type Kind, type Level } from "./events.ts";
import { fieldValue, type FieldValue } from "./field-value.ts";
import { prettyLine } from "./pretty.ts";

export interface LogOptions {
  /** The least important level that is written. */
  readonly level: Level;
  /** For people at a terminal instead of JSON for machines. */
  readonly pretty: boolean;
  /** Takes one finished line, with its line break. */
  readonly write: (line: string) => void;
}

export interface Log {
  /** Writes one event of the catalogue; fields that the catalogue does not name are dropped. Never throws. */
  event<Name extends EventName>(name: Name, fields: Fields<Name>): void;
}

interface Shape {
  readonly level: Level;
  readonly fields: readonly (readonly [name: string, kind: Kind])[];
}

const weight = { debug: 0, info: 1, warn: 2, error: 3 } as const satisfies Record<Level, number>;

const shapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries(events).map(([name, { level, fields }]) => [
    name,
    { level, fields: Object.entries(fields) },
  ]),
);

/** A log that reads its options anew for every event, so that they can change while the server runs. */
export function createLog(options: () => LogOptions): Log {
  return {
    event(name, fields) {
      const { level, pretty, write } = options();
      const shape = shapes.get(name);
      if (shape === undefined || weight[shape.level] < weight[level]) return;
      write(`${line(name, shape, fields, pretty)}\n`);
    },
  };
}

/** A field that cannot even be looked at costs that field, never the request that is being logged. */
function line(event: string, shape: Shape, fields: object, pretty: boolean): string {
  const time = now().toISOString();
  const allowed = allowedFields(shape, fields);
  if (pretty) return prettyLine(time, shape.level, event, allowed);
  return JSON.stringify({ time, level: shape.level, event, ...allowed });
}

function allowedFields(shape: Shape, fields: object): Record<string, FieldValue> {
  const allowed: Record<string, FieldValue> = {};
  for (const [name, kind] of shape.fields) {
    try {
      const value: unknown = Reflect.get(fields, name);
      if (value !== undefined && value !== null) allowed[name] = fieldValue(kind, value);
    } catch {
      allowed[name] = "[unfit]"; // A getter that throws.
    }
  }
  return allowed;
}
