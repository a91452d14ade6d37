import { createSocket, type RemoteInfo } from "node:dgram";

/** A small name server on loopback that knows TXT records and nothing else. */
export interface NameServer {
  readonly address: string;
  /** What is asked of it; an empty list is a name without records, "silent" gives no answer at all. */
  readonly records: Map<string, readonly string[] | "silent">;
  readonly asked: string[];
  stop(): Promise<void>;
}

/** Starts one (RFC 1035, as far as a question for one name goes). */
export async function nameServer(): Promise<NameServer> {
  const socket = createSocket("udp4");
  const records: NameServer["records"] = new Map();
  const asked: string[] = [];
  socket.on("message", (query: Buffer, from: RemoteInfo) => {
    const { name, end } = questionIn(query);
    asked.push(name);
    const found = records.get(name);
    if (found === "silent") return;
    socket.send(answerTo(query, end, found), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    asked,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function questionIn(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5 };
}

function answerTo(query: Buffer, end: number, texts: readonly string[] | undefined): Buffer {
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  // An answer of ours, recursion available; 3 says that there is no such name.
  head.writeUInt16BE(0x8580 + (texts === undefined ? 3 : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(texts?.length ?? 0, 6);
  return Buffer.concat([head, query.subarray(12, end), ...(texts ?? []).map(textRecord)]);
}

/** A long text stands in pieces of 255 bytes. */
function textRecord(text: string): Buffer {
  const pieces = (text.match(/[\s\S]{1,255}/g) ?? [""]).map((piece) =>
    Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece, "latin1")]),
  );
  const data = Buffer.concat(pieces);
  const head = Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
