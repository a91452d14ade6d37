/** A Lua script that Redis or Valkey runs as one atomic step, and remembers after its first run. */
export interface Script {
  readonly text: string;
}
