import type { Keyed, Known, KnownRecord } from "./known.ts";

/** The records that the rows of a batch may mean: those of the database, those imagined, and those of rows before. */
export interface KnownRecords {
  /** The record that a row means: by its external id, else by its key. */
  match(keyed: Keyed): KnownRecord | null;
  /** Of a row's keys, those that its record may have; `own` is the record that it will fill. */
  freeKeys(keyed: Keyed, own: KnownRecord | null): Keyed;
  /** A record gets the keys that it lacks. */
  fill(record: KnownRecord, keyed: Keyed): void;
  add(id: string, keyed: Keyed): void;
}

/**
 * Keys of a record are given once and never replaced: wherever batches are cut, a row means the same record, in a dry
 * run too.
 */
export function knownRecords({ byKey, byExternalId, imagined }: Known): KnownRecords {
  const byId = new Map<string, KnownRecord>();
  // One object for one record, by whichever of its keys it was found.
  const shared = (record: KnownRecord): KnownRecord => {
    const one = byId.get(record.id);
    if (one === undefined) {
      byId.set(record.id, record);
      return record;
    }
    one.hasKey ||= record.hasKey;
    one.hasExternalId ||= record.hasExternalId;
    return one;
  };
  const keys = new Map<string, KnownRecord>();
  const externalIds = new Map<string, KnownRecord>();
  const find = (
    mine: Map<string, KnownRecord>,
    value: string | null,
    ...sources: ((value: string) => KnownRecord | null | undefined)[]
  ): KnownRecord | null => {
    if (value === null) return null;
    const known = mine.get(value);
    if (known !== undefined) return known;
    const found = sources.flatMap((source) => source(value) ?? []).map(shared);
    const [record] = found;
    if (record !== undefined) mine.set(value, record);
    return record ?? null;
  };
  const ofKey = (key: string | null): KnownRecord | null =>
    find(
      keys,
      key,
      (value) => byKey.get(value),
      (value) => imagined?.byKey(value),
    );
  const ofExternalId = (id: string | null): KnownRecord | null =>
    find(
      externalIds,
      id,
      (value) => byExternalId.get(value),
      (value) => imagined?.byExternalId(value),
    );
  const take = (record: KnownRecord, keyed: Keyed): void => {
    const { key, externalId } = keyed;
    if (key !== null) keys.set(key, record);
    if (externalId !== null) externalIds.set(externalId, record);
    record.hasKey ||= key !== null;
    record.hasExternalId ||= externalId !== null;
    imagined?.note(record, keyed);
  };
  return {
    match: ({ key, externalId }) => ofExternalId(externalId) ?? ofKey(key),
    freeKeys: ({ key, externalId }, own) => {
      const fits = (owner: KnownRecord | null, has: boolean): boolean =>
        owner === null ? !has : owner === own;
      return {
        key: fits(ofKey(key), own?.hasKey === true) ? key : null,
        externalId: fits(ofExternalId(externalId), own?.hasExternalId === true) ? externalId : null,
      };
    },
    fill: take,
    add: (id, keyed) => take(shared({ id, hasKey: false, hasExternalId: false }), keyed),
  };
}
