import { expect, test } from "vitest";
import { faultsByField } from "./form-faults.ts";

test("brings server faults to the fields they are about, the first one of each", () => {
  const faults = faultsByField([
    { pointer: "/person/email", detail: "is not an address" },
    { pointer: "/person/email", detail: "is taken" },
    { pointer: "name", detail: "is missing" },
    { pointer: "#/a~1b", detail: "odd" },
  ]);
  expect(faults).toEqual({ "person.email": "is not an address", name: "is missing", "a/b": "odd" });
});
