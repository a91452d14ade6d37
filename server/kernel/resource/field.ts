/** How a field is to be treated: shown to whoever may read the record, known to be about a person, or never shown again. */
export type Care = "open" | "personal" | "credential";

/** How search finds a field: by the words of a name, by the start or domain of an address, by digits, as a tag. */
export type SearchBy = "name" | "address" | "number" | "tag";

export type FieldKind =
  | "text"
  | "email"
  | "phone"
  | "url"
  | "choice"
  | "ref"
  | "member"
  | "tags"
  | "entries"
  | "values"
  | "boolean"
  | "integer"
  | "date"
  | "moment"
  | "credential";

export interface FieldSpec {
  readonly kind: FieldKind;
  readonly care: Care;
  readonly isRequired: boolean;
  /** Characters for text, items for lists, largest value for integers. */
  readonly max: number;
  readonly options: readonly string[];
  /** The resource that a reference points to. */
  readonly to: string | null;
  /** The column of that resource that names it. */
  readonly shownBy: string | null;
  readonly searchBy: SearchBy | null;
  readonly canFilter: boolean;
  readonly labelText: string | null;
  /** For entries: the name of the value beside `kind` ("address", "number"). */
  readonly entryValue: string | null;
}

/** A field of a resource; each word returns a new field, so that declarations read as a sentence. */
export interface Field<Value = unknown, C extends Care = Care> extends FieldSpec {
  readonly care: C;
  /** Never set: carries the type of the value on the wire. */
  readonly value?: Value;
  personal(): Field<Value, "personal">;
  required(): Field<NonNullable<Value>, C>;
  search(by: SearchBy): Field<Value, C>;
  filter(): Field<Value, C>;
  label(text: string): Field<Value, C>;
}

const plain: FieldSpec = {
  kind: "text",
  care: "open",
  isRequired: false,
  max: 200,
  options: [],
  to: null,
  shownBy: null,
  searchBy: null,
  canFilter: false,
  labelText: null,
  entryValue: null,
};

function field<Value, C extends Care = "open">(spec: FieldSpec): Field<Value, C> {
  return {
    ...spec,
    // The spec says the same care as the type; TypeScript cannot see that through the spread.
    care: spec.care as C,
    personal: () => field<Value, "personal">({ ...spec, care: "personal" }),
    required: () => field<NonNullable<Value>, C>({ ...spec, isRequired: true }),
    search: (searchBy) => field<Value, C>({ ...spec, searchBy }),
    filter: () => field<Value, C>({ ...spec, canFilter: true }),
    label: (labelText) => field<Value, C>({ ...spec, labelText }),
  };
}

export const text = (max = 200): Field<string | null, "open"> => field({ ...plain, max });
export const email = (): Field<string | null, "open"> => field({ ...plain, kind: "email", max: 320 });
export const phone = (): Field<string | null, "open"> => field({ ...plain, kind: "phone", max: 100 });
export const url = (): Field<string | null, "open"> => field({ ...plain, kind: "url", max: 2000 });
export const date = (): Field<string | null, "open"> => field({ ...plain, kind: "date" });
/** A point in time; ISO 8601 in UTC on the wire. */
export const moment = (): Field<string | null, "open"> => field({ ...plain, kind: "moment" });
export const integer = (max = 2_147_483_647): Field<number | null, "open"> =>
  field({ ...plain, kind: "integer", max });
/** False unless said. */
export const yesNo = (): Field<boolean, "open"> => field({ ...plain, kind: "boolean" });
/** One of the words; the first is what a new record has. Stored as text with a check: enums cannot use an index under row security. */
export const oneOf = <const O extends string>(...options: readonly [O, ...O[]]): Field<O, "open"> =>
  field({ ...plain, kind: "choice", options, isRequired: true });
/** Another record of the same organization, shown by one of its columns; what refers to it keeps it from being erased. */
export const ref = (to: string, shownBy = "name"): Field<string | null, "open"> =>
  field({ ...plain, kind: "ref", to, shownBy });
/** A member of the organization. */
export const member = (): Field<string | null, "open"> => field({ ...plain, kind: "member" });
export const tags = (max = 50): Field<readonly string[], "open"> =>
  field({ ...plain, kind: "tags", max, searchBy: "tag" });
/** Further addresses or numbers, each with a kind such as work or home. */
export const entries = <const V extends string>(
  entryValue: V,
  max = 20,
): Field<readonly ({ readonly kind: string } & { readonly [K in V]: string })[], "open"> =>
  field({ ...plain, kind: "entries", max, entryValue });
/** Values of the fields that the organization declared itself, by their keys. */
export const ownValues = (): Field<Readonly<Record<string, unknown>>, "open"> =>
  field({ ...plain, kind: "values", max: 100 });
/** A secret of somebody else's system: sealed before it is stored, and never given out again. */
export const credential = (): Field<string | null, "credential"> =>
  field({ ...plain, kind: "credential", care: "credential", max: 4096 });
