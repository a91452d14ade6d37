import { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";

/** An answer that is sent as it comes; made by `streaming`. */
export class Streaming {
  readonly stream: Readable;
  readonly contentType: string;
  readonly fileName: string | null;

  constructor(stream: Readable, contentType: string, fileName: string | null) {
    this.stream = stream;
    this.contentType = contentType;
    this.fileName = fileName;
  }
}

/** Answers with a stream. With a file name the browser saves it instead of showing it. */
export function streaming(stream: Readable, contentType: string, fileName: string | null = null): Streaming {
  return new Streaming(stream, contentType, fileName);
}

/** The body of a streaming route that was sent none. */
export function emptyStream(): Readable {
  return Readable.from([]);
}

/** `Content-Disposition` for a download (RFC 6266): a plain name, and the full one in UTF-8 (RFC 8187). */
export function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w. -]/g, "_");
  const full = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${full}`;
}

/** The answer of a route that says only that it is done (204). */
export const nothing = Type.Void();
