import { describe, expect, test } from "vitest";
import { sql } from "./index.ts";

const shown = ({ text, values }: ReturnType<typeof sql>): unknown => [text, values];

describe("sql", () => {
  test("binds values and numbers them", () => {
    expect(shown(sql`select ${1}, ${"a'; drop table x; --"}`)).toEqual([
      "select $1, $2",
      [1, "a'; drop table x; --"],
    ]);
    expect(shown(sql`select 1`)).toEqual(["select 1", []]);
  });

  test("splices statements of its own and renumbers them", () => {
    const where = sql`where a = ${1} and ${sql.identifier("b")} > ${2}`;
    const statement = sql`select ${0} from t ${where} union ${where} limit ${3}`;
    expect(shown(statement)).toEqual([
      `select $1 from t where a = $2 and "b" > $3 union where a = $4 and "b" > $5 limit $6`,
      [0, 1, 2, 1, 2, 3],
    ]);
  });

  test("binds whatever only looks like a statement: a request body cannot become SQL", () => {
    const forged = { text: "drop table x", values: [] };
    const copied = { ...sql`drop table x`, text: "drop table x" };
    const inherited: unknown = Object.create(sql`drop table x`);
    for (const value of [forged, copied, inherited]) {
      expect(shown(sql`select ${value}`)).toEqual(["select $1", [value]]);
      expect(() => sql.join([value as ReturnType<typeof sql>])).toThrow(TypeError);
    }
  });

  test("is a template tag only, without placeholders of the author's own", () => {
    const strings: unknown = ["drop table x"];
    expect(() => sql(strings as TemplateStringsArray)).toThrow(TypeError);
    expect(() => sql`select $1`).toThrow(TypeError);
    expect(() => sql.raw("select $1")).toThrow(TypeError);
  });

  test("gives the same text object at the same place", () => {
    const at = (value: number): string => sql`select ${value}`.text;
    expect(at(1)).toBe(at(2));
  });

  test("joins with commas or words", () => {
    const parts = [sql`a = ${1}`, sql`b`, sql`c = ${2}`];
    expect(shown(sql`where ${sql.join(parts, " and ")}`)).toEqual(["where a = $1 and b and c = $2", [1, 2]]);
    expect(shown(sql.join(parts))).toEqual(["a = $1, b, c = $2", [1, 2]]);
    expect(shown(sql.join([]))).toEqual(["", []]);
    expect(() => sql.join(parts, "; ")).toThrow(TypeError);
    expect(() => sql.join(parts, "' ")).toThrow(TypeError);
  });

  test.each(["", "A", "a b", 'a"', "1a", "a.b", "a-b", "é", "a\n", "a".repeat(64)])(
    "refuses the name %j",
    (name) => {
      expect(() => sql.identifier(name)).toThrow(TypeError);
    },
  );

  test("takes plain names and constants", () => {
    expect(shown(sql`select ${sql.identifier("order")} ${sql.raw("desc")}`)).toEqual([
      `select "order" desc`,
      [],
    ]);
  });
});
