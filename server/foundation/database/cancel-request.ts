import { Connection, type Client } from "pg";

/** What the server gave us to cancel what this connection runs. */
export interface CancelKey {
  readonly processID: number;
  readonly secretKey: number;
}

/** The part of pg's Connection that its types leave out (lib/connection.js of the pinned version). */
interface RawConnection {
  connect(port: number, host: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

const patienceMs = 2000;

/** Asks the server to stop the running statement. Best effort: nothing waits for it, and no failure is reported. */
export function requestCancel(client: Client, { processID, secretKey }: CancelKey): void {
  const connection = new Connection({ ssl: client.ssl });
  // The methods exist in the pinned version, as the contract tests show; only the types lack them.
  const raw = connection as unknown as RawConnection;
  const { stream } = connection;
  const timer = setTimeout(() => stream.destroy(), patienceMs);
  const send = (): void => raw.cancel(processID, secretKey);
  connection.on("connect", () => (client.ssl ? raw.requestSsl() : send()));
  connection.on("sslconnect", send);
  connection.on("error", () => stream.destroy());
  connection.on("end", () => clearTimeout(timer));
  if (client.host.startsWith("/")) connectToSocket(raw, client);
  else raw.connect(client.port, client.host);
}

/** A Unix socket is a path in place of the port. */
function connectToSocket(raw: RawConnection, { host, port }: Client): void {
  // net.Socket.connect takes a path as its first argument; pg itself calls it this way.
  raw.connect(`${host}/.s.PGSQL.${port}` as unknown as number, host);
}
