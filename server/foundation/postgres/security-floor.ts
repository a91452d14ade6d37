/** The oldest minor of each supported major without a publicly known hole (the release round of CVE-2026-6460). */
export const postgresSecurityFloor: Readonly<Record<number, number>> = { 15: 20, 16: 16, 17: 12, 18: 7 };

export interface PostgresSecurity {
  /** Null for a major that this table does not know: then nothing can be said. */
  readonly floor: string | null;
  readonly below: boolean;
}

/** How a version like `18.4` stands against the security floor of its major. */
export function postgresSecurity(version: string): PostgresSecurity {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  const floorMinor = postgresSecurityFloor[Number(major)];
  if (floorMinor === undefined) return { floor: null, below: false };
  return { floor: `${major}.${floorMinor}`, below: Number(minor) < floorMinor };
}

export interface BannerFacts {
  readonly version: string;
  readonly cluster: string;
  readonly port: number;
  readonly adopted: boolean;
}

/** The one line that a start prints: version and how safe it is, where the data lies, where it listens. */
export function banner({ version, cluster, port, adopted }: BannerFacts): string {
  const { floor, below } = postgresSecurity(version);
  const known = floor === null ? "no security floor known" : `security floor ${floor} met`;
  const state = below ? `BELOW the security floor ${floor}: for evaluation and development only` : known;
  const how = adopted ? "adopted, was still running" : "started";
  return `PostgreSQL ${version} embedded (${state}), data ${cluster}, 127.0.0.1:${port}, ${how}`;
}
