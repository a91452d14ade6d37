import { type Readable, Transform } from "node:stream";
import { Problem } from "../foundation/problem/index.ts";

/** The raw body with a cap: whoever reads on beyond it gets `too-large` instead of more bytes. */
export function cappedBody(body: Readable, bytesMax: number): Readable {
  let received = 0;
  const capped = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      received += chunk.length;
      if (received > bytesMax) pass(new Problem("too-large"));
      else pass(null, chunk);
    },
  });
  const broken = (): void => {
    if (!body.readableEnded) capped.destroy(new Problem("bad-request", { detail: "The body broke off." }));
  };
  body.once("error", broken);
  body.once("close", broken);
  // A handler that refuses without reading leaves the error of a broken upload to nobody.
  capped.on("error", () => undefined);
  return body.pipe(capped);
}
