import { Client } from "pg";
import type { CancelKey } from "./cancel-request.ts";
import { errorFromConnecting } from "./database-error.ts";

export interface ConnectOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  readonly statementTimeoutMs: number;
  readonly transactionTimeoutMs: number;
}

/** A client that has signed in, and what the server told it on the way. */
export interface ConnectedClient {
  readonly client: Client;
  readonly cancelKey: CancelKey;
  readonly settings: ReadonlyMap<string, string>;
}

const connectTimeoutMs = 10_000;

/**
 * ISO dates in UTC are what the decoders read, whatever the role or the server prefers. Random pages cost what they cost on
 * solid-state disks: while a table is small or its statistics are old, rows are still found by their index.
 */
const sessionOptions = "-c DateStyle=ISO -c TimeZone=UTC -c random_page_cost=1.1";

/** Opens a connection through pg, which knows SCRAM and TLS. Rejects with a DatabaseError without address or user. */
export async function connectClient(options: ConnectOptions): Promise<ConnectedClient> {
  const client = new Client({
    connectionString: withSessionOptions(options.connectionString),
    options: sessionOptions,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs,
    // A process that stops in the middle of a transaction must not hold its locks.
    idle_in_transaction_session_timeout: options.transactionTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  const settings = new Map<string, string>();
  let cancelKey: CancelKey = { processID: 0, secretKey: 0 };
  client.connection.on("parameterStatus", (message: { parameterName: string; parameterValue: string }) =>
    settings.set(message.parameterName, message.parameterValue),
  );
  client.connection.on("backendKeyData", (message: CancelKey) => (cancelKey = message));
  // Losses are noticed on the stream; without a listener pg's event would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.connection.stream.destroy();
    throw errorFromConnecting(error);
  }
  return { client, cancelKey, settings };
}

/** Options in the connection string win over those given beside it, so ours are joined to them. */
function withSessionOptions(connectionString: string): string {
  if (!URL.canParse(connectionString)) return connectionString;
  const url = new URL(connectionString);
  const given = url.searchParams.get("options");
  if (given === null) return connectionString;
  url.searchParams.set("options", `${given} ${sessionOptions}`);
  return url.href;
}
