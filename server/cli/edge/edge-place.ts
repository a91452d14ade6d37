import type { EdgeRule, Rate } from "../../http/index.ts";

/** Where an edge stands: what it listens at, in its own words, and where the server is. */
export interface EdgePlace {
  readonly listen: string;
  /** `host:port` */
  readonly upstream: string;
  readonly version: string;
}

/** The first lines of each file, after the sign that begins a remark there. */
export function remarks({ version }: EdgePlace, format: string): string {
  return [
    `# What Ringfence ${version} would refuse, refused in front of it. Written by:`,
    `#   ringfence edge-rules --format ${format}`,
    "# Do not edit it; write it anew after each upgrade and after each change of a limit.",
  ].join("\n");
}

/** How many requests of this rate come in a minute, at least one. */
export function perMinute({ limit, periodMs }: Rate): number {
  return Math.max(1, Math.round((limit * 60_000) / periodMs));
}

/** The most bytes that a body may have there, for edges in which 0 stands for any number. */
export function bodyBytes({ bodyBytesMax }: EdgeRule): number {
  return Math.max(1, bodyBytesMax);
}
