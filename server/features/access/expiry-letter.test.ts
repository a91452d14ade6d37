import { expect, test } from "vitest";
import { expiryLetter, expirySubject } from "./expiry-letter.ts";

const key = {
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
  expect(expirySubject({ name: "x".repeat(400) })).toHaveLength(250);
});
