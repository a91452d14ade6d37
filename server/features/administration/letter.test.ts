import { expect, test } from "vitest";
import { packLetter, unpackLetter } from "../identity/index.ts";
import { invitationLetter, invitationSubject } from "./letter.ts";

const invitation = {
  organization: 'Ac"me <b>&\r\nBcc: all@example.com',
  invitedBy: "Eve\u2028<script>",
  roles: ["member"],
  link: "https://crm.example.com/invitation/accept#token=abc",
  days: 7,
};

test("a subject stays one line of bounded length", () => {
  expect(invitationSubject(invitation)).toBe('You are invited to Ac"me <b>& Bcc: all@example. com');
  expect(invitationSubject({ organization: "x".repeat(10_000) })).toBe(
    `You are invited to ${"x".repeat(100)}\u2026`,
  );
  // Cut between letters, and not within one.
  expect(invitationSubject({ organization: "\u{1f600}".repeat(400) }).isWellFormed()).toBe(true);
});

test("names of others become no markup and no second line", () => {
  const { text, html } = invitationLetter(invitation);
  expect(html).not.toMatch(/<b>|<script>|"me/);
  expect(html).toContain("&lt;script&gt;");
  expect(text.split("\n")[0]).toBe('Eve <script> invites you to Ac"me <b>& Bcc: all@example. com as member.');
  expect(text).toContain(invitation.link);
});

test.each([
  ["https://evil.example/login?you=1", "https evil. example/login?you=1"],
  ["Free money at www.evil.example", "Free money at www. evil. example"],
  ["evil\u3002example", "evil\u3002 example"],
  ["Acme \u202emoc.live\u202c Inc.", "Acme moc. live Inc."],
  ["a\u2066b\u200bc\ufeffd\0e\x7f", "a b c d e"],
])("a name that looks like a link, or turns the line round, is a name: %j", (organization, shown) => {
  const { text, html } = invitationLetter({ ...invitation, organization, invitedBy: organization });
  expect(text.split("\n")[0]).toBe(`${shown} invites you to ${shown} as member.`);
  expect(html.match(/https?:\/\//g)).toHaveLength(2);
  expect(invitationSubject({ organization })).toBe(`You are invited to ${shown}`);
});

test("a letter survives packing", () => {
  const letter = invitationLetter(invitation);
  expect(unpackLetter(packLetter(letter))).toEqual(letter);
});
