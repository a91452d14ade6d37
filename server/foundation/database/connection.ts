import type { Connection as PgConnection, Submittable } from "pg";
import { requestCancel } from "./cancel-request.ts";
import { connectClient, type ConnectedClient, type ConnectOptions } from "./connect-client.ts";
import { DatabaseError, errorFromServer, isStalePlan, type ServerFields } from "./database-error.ts";
import {
  answerBytesMax,
  failFlight,
  isAnswered,
  newFlight,
  outOfStep,
  receive,
  type Flight,
} from "./flight.ts";
import type { Leg } from "./leg.ts";
import { PreparedNames } from "./prepared-names.ts";
import { readMessages } from "./read-messages.ts";
import { writeFlight } from "./write-flight.ts";

type LossListener = (error: DatabaseError) => void;

/** Messages that may come at any time, or that end a flight. */
const types = { error: 0x45, notice: 0x4e, setting: 0x53, notification: 0x41, ready: 0x5a } as const;
const terminate = Buffer.from("X\0\0\0\x04", "latin1");
const goodbyeMs = 1000;

/**
 * One connection to PostgreSQL, one flight at a time.
 *
 * To pg it is a Submittable that never ends: pg signs in, then this reads the socket itself, so that it sees every
 * message (pg keeps ReadyForQuery from a query that failed) and nobody can use the client beside it. Once anything
 * unexpected happens the connection is dead, and it never comes back to life.
 */
export class Connection implements Submittable {
  readonly #connected: ConnectedClient;
  readonly #names = new PreparedNames();
  readonly #lossListeners = new Set<LossListener>();
  readonly #drifted = new Set<string>();
  #stream: PgConnection["stream"] | null = null;
  #flight: Flight | null = null;
  #dead: DatabaseError | null = null;
  #idle = true;
  #leftTraces = false;
  /** A prepared statement of this connection is out of date; with names it would fail again. */
  stalePlan = false;

  static async open(options: ConnectOptions): Promise<Connection> {
    const connection = new Connection(await connectClient(options));
    connection.#connected.client.query(connection);
    return connection;
  }

  private constructor(connected: ConnectedClient) {
    this.#connected = connected;
  }

  /** Called by pg with the socket, after TLS: from here on pg reads nothing any more. */
  submit(connection: PgConnection): void {
    const { stream } = connection;
    const read = readMessages(
      (type, bytes, start, end) => this.#receive(type, bytes, start, end),
      answerBytesMax,
    );
    this.#stream = stream;
    stream.removeAllListeners("data");
    stream.on("data", (chunk: Buffer) => this.#guarded(() => read(chunk)));
    stream.on("error", () => this.#lost());
    stream.on("close", () => this.#lost());
  }

  /** Called by pg when the connection is gone. */
  handleError(): void {
    this.#lost();
  }

  get dead(): DatabaseError | null {
    return this.#dead;
  }

  /** Whether somebody else may have it: alive, in no transaction, in step, and as it was when it was opened. */
  get fit(): boolean {
    const asOpened = !this.stalePlan && !this.#leftTraces && this.#drifted.size === 0 && !this.#names.full;
    return asOpened && this.#dead === null && this.#flight === null && this.#idle;
  }

  get inTransaction(): boolean {
    return !this.#idle;
  }

  /** Tells of the end of this connection, at once if it has already come. Returns what takes the listener back. */
  onLoss(listener: LossListener): () => void {
    if (this.#dead === null) this.#lossListeners.add(listener);
    else listener(this.#dead);
    return () => this.#lossListeners.delete(listener);
  }

  /** Sends the legs and one Sync; resolves when all are answered, rejects with the first failure after the Sync. */
  fly(legs: readonly Leg[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== null) return reject(this.#dead);
      if (this.#flight !== null || this.#stream === null) return reject(outOfStep());
      const message = writeFlight(legs, this.#names);
      this.#flight = newFlight(legs, resolve, reject);
      this.#stream.write(message);
    });
  }

  /** Ends the connection at once, whatever it is doing, and lets the server stop working. */
  kill(error: DatabaseError): void {
    if (this.#dead !== null) return;
    if (this.#flight !== null) requestCancel(this.#connected.client, this.#connected.cancelKey);
    this.#die(error);
  }

  /** Says goodbye, unless it is in the middle of something: then the server has to stop at once. */
  end(error: DatabaseError): void {
    if (this.#flight !== null) return this.kill(error);
    if (this.#dead !== null) return;
    const stream = this.#stream;
    this.#dead = error;
    stream?.end(terminate);
    setTimeout(() => stream?.destroy(), goodbyeMs).unref();
    this.#tellLoss(error);
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.kill(error instanceof DatabaseError ? error : outOfStep());
    }
  }

  #receive(type: number, bytes: Buffer, start: number, end: number): void {
    if (this.#dead !== null) return;
    if (type === types.ready) return this.#ready(String.fromCharCode(bytes[start] ?? 0));
    if (type === types.error) return this.#refused(readFields(bytes, start, end));
    if (type === types.setting) return this.#noteSetting(bytes.toString("utf8", start, end).split("\0"));
    if (type === types.notice || type === types.notification) return;
    if (this.#flight === null) throw outOfStep();
    receive(this.#flight, type, bytes, start, end);
  }

  #ready(status: string): void {
    const flight = this.#flight;
    if (flight === null || !isAnswered(flight)) throw outOfStep();
    this.#flight = null;
    this.#idle = status === "I";
    this.#leftTraces ||= flight.leftTraces;
    if (flight.error === null) flight.resolve();
    else flight.reject(flight.error);
  }

  #refused(fields: ServerFields): void {
    const error = errorFromServer(fields);
    const fatal = fields["V"] === "FATAL" || fields["V"] === "PANIC";
    if (fatal || this.#flight === null) return this.#die(error);
    if (isStalePlan(fields)) this.stalePlan = true;
    failFlight(this.#flight, error, this.#names);
  }

  /** Settings that the server reports tell of a session-level SET; text in another encoding cannot be read at all. */
  #noteSetting([name = "", value = ""]: readonly string[]): void {
    if (name === "client_encoding" && value !== "UTF8") throw outOfStep();
    if (this.#connected.settings.get(name) === value) this.#drifted.delete(name);
    else this.#drifted.add(name);
  }

  #lost(): void {
    if (this.#dead === null) this.#die(new DatabaseError("08006", "the connection to the database was lost"));
  }

  #die(error: DatabaseError): void {
    const flight = this.#flight;
    this.#dead = error;
    this.#flight = null;
    this.#stream?.destroy();
    flight?.reject(flight.error ?? error);
    this.#tellLoss(error);
  }

  #tellLoss(error: DatabaseError): void {
    for (const listener of this.#lossListeners) listener(error);
    this.#lossListeners.clear();
  }
}

/** Fields of an ErrorResponse: a letter and a text each, up to a zero letter. */
function readFields(bytes: Buffer, start: number, end: number): ServerFields {
  const parts = bytes.toString("utf8", start, end).split("\0");
  return Object.fromEntries(
    parts.filter((part) => part !== "").map((part) => [part.slice(0, 1), part.slice(1)]),
  );
}
