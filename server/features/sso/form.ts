import type { Readable } from "node:stream";
import { SsoRefusal } from "./sso-refusal.ts";

/** One field of a form that a provider posted; each of its fields may come once. Others are let in and never looked at. */
export async function fieldOf(body: Readable, name: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  const fields = new URLSearchParams(Buffer.concat(parts).toString("latin1"));
  const names = [...fields.keys()];
  if (new Set(names).size !== names.length) throw new SsoRefusal("a field came twice");
  const value = fields.get(name);
  if (value === null) throw new SsoRefusal(`no ${name} was posted`);
  return value;
}
