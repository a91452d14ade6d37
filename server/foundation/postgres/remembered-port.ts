import { readFile } from "node:fs/promises";
import path from "node:path";

/** The port of the embedded server of this data directory, as its last start noted it; null before the first start. */
export async function rememberedPort(dataDirectory: string): Promise<number | null> {
  try {
    const record: unknown = JSON.parse(await readFile(path.join(dataDirectory, "cluster.json"), "utf8"));
    const port = typeof record === "object" && record !== null && "port" in record ? record.port : null;
    return typeof port === "number" && Number.isInteger(port) ? port : null;
  } catch {
    return null;
  }
}
