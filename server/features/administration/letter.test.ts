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
  expect(invitationSubject(invitation)).toBe('You are invited to Ac"me <b>& Bcc: all@example.com');
  expect(invitationSubject({ organization: "x".repeat(400) })).toHaveLength(250);
});

test("names of others become no markup and no second line", () => {
  const { text, html } = invitationLetter(invitation);
  expect(html).not.toMatch(/<b>|<script>|"me/);
  expect(html).toContain("&lt;script&gt;");
  expect(text.split("\n")[0]).toBe('Eve <script> invites you to Ac"me <b>& Bcc: all@example.com as member.');
  expect(text).toContain(invitation.link);
});

test("a letter survives packing", () => {
  const letter = invitationLetter(invitation);
  expect(unpackLetter(packLetter(letter))).toEqual(letter);
});
