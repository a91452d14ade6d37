import { expect, test } from "vitest";
import { expiryLetter, expirySubject } from "./expiry-letter.ts";

const key = {
  class: "personal",
  account: null,
  organization: "Acme & Co",
  person: "Ada\nBcc: eve@example.com",
  name: '<img src=x onerror="alert(1)">\r\nSubject: spam',
  hint: "8Zk4Q2mX7aBc",
  day: "2026-12-01",
  link: "https://crm.example.com/o/acme/keys",
};

test("what people named stays on one line and becomes no markup", () => {
  const { text, html } = expiryLetter(key);
  expect(html).not.toContain("<img");
  expect(html).toContain("Acme &amp; Co");
  expect(text.split("\n")).not.toContain("Subject: spam");
  expect(text).toContain("ends on 2026-12-01");
  expect(text).toContain(key.link);
  expect(expirySubject(key)).not.toMatch(/[\r\n]/);
  expect(expirySubject({ name: "x".repeat(400), class: "personal" })).toHaveLength(250);
});

test("says whose key it is, when it is nobody's own", () => {
  const plainly = { ...key, name: "Nightly", organization: "Acme" };
  expect(expiryLetter({ ...plainly, class: "service", account: "Robot" }).text).toContain(
    'the API key "Nightly" of the service account "Robot" (8Zk4Q2mX7aBc) of Acme ends on 2026-12-01',
  );
  expect(expiryLetter({ ...plainly, class: "scim", account: "Entra" }).text).toContain(
    'the token of the directory "Entra" (8Zk4Q2mX7aBc) of Acme ends on 2026-12-01',
  );
  expect(expirySubject({ name: "Entra", class: "scim" })).toBe(
    'Token of the directory "Entra" is about to end',
  );
});
