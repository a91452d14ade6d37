import { DatabaseError } from "./database-error.ts";
import type { Leg } from "./leg.ts";
import type { PreparedNames } from "./prepared-names.ts";
import { readRow, readRowShape } from "./row-shape.ts";

/** Everything between two Syncs, on its way: the legs sent and how far the answers have come. */
export interface Flight {
  readonly legs: readonly Leg[];
  readonly resolve: () => void;
  readonly reject: (error: DatabaseError) => void;
  at: number;
  awaited: Awaited;
  bytes: number;
  error: DatabaseError | null;
  /** A statement ran that may have left something behind in the session. */
  leftTraces: boolean;
}

type Awaited = (typeof awaits)[keyof typeof awaits];
const awaits = { parse: 0, bind: 1, description: 2, rows: 3 } as const;

/** Type bytes of the messages that answer a flight (PostgreSQL manual, "Message Formats"). */
const types = {
  parseComplete: 0x31,
  bindComplete: 0x32,
  rowDescription: 0x54,
  noData: 0x6e,
  dataRow: 0x44,
  commandComplete: 0x43,
  emptyQuery: 0x49,
  portalSuspended: 0x73,
} as const;

/** CopyInResponse, CopyOutResponse, CopyBothResponse: the server would now ignore Sync and wait for data. */
const copyTypes = new Set([0x47, 0x48, 0x57]);

/** What the rows of one flight may weigh; whoever wants more reads them as a stream. */
export const answerBytesMax = 64 * 1024 * 1024;

export function newFlight(legs: readonly Leg[], resolve: () => void, reject: (error: Error) => void): Flight {
  const awaited = firstAwaited(legs[0]);
  return { legs, resolve, reject, at: 0, awaited, bytes: 0, error: null, leftTraces: false };
}

/**
 * Takes the next message of the answer. Throws unless it is the very message that must come now: on a connection
 * that is out of step, one caller's answer could reach another.
 */
export function receive(flight: Flight, type: number, bytes: Buffer, start: number, end: number): void {
  const leg = flight.legs[flight.at];
  if (leg === undefined || flight.error !== null) throw outOfStep();
  if (type === types.dataRow) return receiveRow(flight, leg, bytes, start, end);
  if (type === types.bindComplete) return receiveBindComplete(flight, leg);
  if (type === types.commandComplete)
    return receiveEnd(flight, leg, bytes.toString("latin1", start, end - 1));
  receiveRare(flight, leg, type, bytes, start);
}

function receiveRow(flight: Flight, leg: Leg, bytes: Buffer, start: number, end: number): void {
  if (flight.awaited !== awaits.rows || !leg.shape) throw outOfStep();
  flight.bytes += end - start;
  if (flight.bytes > answerBytesMax)
    throw new DatabaseError("54000", "an answer is too big to be read at once");
  leg.rows.push(readRow(leg.shape, bytes, start, end));
}

function receiveBindComplete(flight: Flight, leg: Leg): void {
  if (flight.awaited !== awaits.bind) throw outOfStep();
  leg.shape = leg.prepared?.shape;
  flight.awaited = leg.describes ? awaits.description : awaits.rows;
}

function receiveEnd(flight: Flight, leg: Leg, tag: string): void {
  if (flight.awaited !== awaits.rows) throw outOfStep();
  if (transactionTags.has(tag) && !mayAnswer(leg, tag)) {
    throw new DatabaseError("2D000", "a statement began or ended a transaction");
  }
  const space = tag.indexOf(" ");
  const command = space < 0 ? tag : tag.slice(0, space);
  if (!leavesNothing.has(command)) flight.leftTraces = true;
  leg.tag = tag;
  if (space > 0) leg.count = Number(tag.slice(tag.lastIndexOf(" ") + 1)) || 0;
  nextLeg(flight);
}

function receiveRare(flight: Flight, leg: Leg, type: number, bytes: Buffer, start: number): void {
  if (type === types.parseComplete && flight.awaited === awaits.parse) {
    if (leg.prepared !== null) leg.prepared.parsed = true;
    flight.awaited = awaits.bind;
  } else if (type === types.rowDescription && flight.awaited === awaits.description) {
    learnShape(flight, leg, readRowShape(bytes, start));
  } else if (type === types.noData && flight.awaited === awaits.description) {
    learnShape(flight, leg, null);
  } else if (type === types.emptyQuery && flight.awaited === awaits.rows) {
    nextLeg(flight);
  } else if (type === types.portalSuspended && flight.awaited === awaits.rows && leg.rowLimit > 0) {
    leg.suspended = true;
    nextLeg(flight);
  } else {
    throw copyTypes.has(type) ? new DatabaseError("0A000", "COPY is not spoken here") : outOfStep();
  }
}

function learnShape(flight: Flight, leg: Leg, shape: Leg["shape"]): void {
  leg.shape = shape;
  if (leg.prepared !== null) leg.prepared.shape = shape;
  flight.awaited = awaits.rows;
}

function nextLeg(flight: Flight): void {
  flight.at += 1;
  flight.awaited = firstAwaited(flight.legs[flight.at]);
}

function firstAwaited(leg: Leg | undefined): Awaited {
  if (leg?.parses) return awaits.parse;
  return leg?.prepared ? awaits.bind : awaits.rows;
}

/** Notes the failure; from here on the server skips everything up to Sync. */
export function failFlight(flight: Flight, error: DatabaseError, names: PreparedNames): void {
  if (flight.error !== null) throw outOfStep();
  flight.error = error;
  unlearnFrom(flight.legs, flight.at, names);
}

function unlearnFrom(legs: readonly Leg[], first: number, names: PreparedNames): void {
  for (const { prepared } of legs.slice(first)) {
    if (prepared !== null) names.unlearn(prepared);
  }
}

/** Whether every leg has its answer, or one has failed. */
export function isAnswered(flight: Flight): boolean {
  return flight.error !== null || flight.at === flight.legs.length;
}

/** The texts are looked at before they are sent; this catches what got past. */
const transactionTags = new Set(["BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION"]);

function mayAnswer(leg: Leg, tag: string): boolean {
  return leg.control || (tag === "ROLLBACK" && leg.plan?.rollsBackToSavepoint === true);
}

/**
 * Commands that leave nothing behind in the session once their transaction is over. After any other (SET, LISTEN,
 * PREPARE, DECLARE, DISCARD, LOAD, DO, …) the connection is not handed to anybody else.
 */
const leavesNothing = new Set(
  "SELECT INSERT UPDATE DELETE MERGE CALL BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE LOCK SHOW EXPLAIN".split(
    " ",
  ),
);

export function outOfStep(): DatabaseError {
  return new DatabaseError("08P01", "the connection is out of step");
}
