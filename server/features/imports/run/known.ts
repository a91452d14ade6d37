/** What tells a record: e-mail address of a contact or domain of an account, and the id in the other system. */
export interface Keyed {
  readonly key: string | null;
  readonly externalId: string | null;
}

/** A live record that a row may mean, and which of its keys are taken. */
export interface KnownRecord {
  readonly id: string;
  hasKey: boolean;
  hasExternalId: boolean;
}

/** What is known about the keys of a batch. */
export interface Known {
  readonly byKey: ReadonlyMap<string, KnownRecord>;
  readonly byExternalId: ReadonlyMap<string, KnownRecord>;
  /** In a dry run: what the rows before this batch would have made. */
  readonly imagined?: Imagined;
}

/** The records that a dry run has not written. */
export interface Imagined {
  byKey(key: string): KnownRecord | null;
  byExternalId(externalId: string): KnownRecord | null;
  /** From now on this record has these keys too. */
  note(record: KnownRecord, keyed: Keyed): void;
}
