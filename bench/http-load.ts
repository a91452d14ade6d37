import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What a client sends: the head up to its empty line, and a body. */
export interface Ask {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One kept-alive connection that asks one thing after another; far cheaper than node:http, so that it disturbs less. */
export class Caller {
  readonly #socket: Socket;
  readonly #host: string;
  #held = "";
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    // Bodies are counted in bytes; latin1 has one character for each.
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => this.#read(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error("the server hung up")));
  }

  static async open(port: number): Promise<Caller> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Caller(socket, `127.0.0.1:${port}`);
  }

  ask({ method, path, headers, body }: Ask): Promise<Answer> {
    let head = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`;
    for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
    if (method === "POST") head += `content-length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${head}\r\n${body}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#held += chunk;
    const headEnd = this.#held.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#held)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) {
      this.#waiting?.reject(new Error("an answer came without its length"));
      return;
    }
    if (this.#held.length < headEnd + 4 + length) return;
    const answer = { status: Number(this.#held.slice(9, 12)), body: this.#held.slice(headEnd + 4) };
    this.#held = "";
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(answer);
  }
}

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly milliseconds: number;
  /** Bounds the run whatever the clock says. */
  readonly requestsMax: number;
  readonly next: () => Ask;
}

/** Asks for so long over so many connections; resolves with each answer's milliseconds, and throws at the first that is not 200. */
export async function putLoad({
  port,
  connections,
  milliseconds,
  requestsMax,
  next,
}: Load): Promise<number[]> {
  const callers = await Promise.all(Array.from({ length: connections }, () => Caller.open(port)));
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  const turn = async (caller: Caller): Promise<void> => {
    let begin = performance.now();
    while (begin < end && times.length < requestsMax) {
      const { status, body } = await caller.ask(next());
      if (status !== 200) throw new Error(`answered ${status}: ${body.slice(0, 500)}`);
      const now = performance.now();
      times.push(now - begin);
      begin = now;
    }
  };
  try {
    await Promise.all(callers.map(turn));
  } finally {
    for (const caller of callers) caller.close();
  }
  return times;
}
