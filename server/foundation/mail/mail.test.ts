import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, describe, expect, test } from "vitest";
import { logged } from "../../../tests/logged.ts";
import { Problem } from "../problem/index.ts";
import { createMailer, type Letter, MailNotTaken } from "./index.ts";
import { transportOptions } from "./transport-options.ts";

const letter: Letter = {
  id: "018f2c3a-7b1c-7def-8123-456789abcdef",
  to: "canary@example.com",
  subject: "Grüße",
  text: "Open https://crm.example.com/invitation#canary\n.\nA line with one dot above.",
};
const mailFrom = "Acme CRM <crm@acme.example>";
let servers: SMTPServer[] = [];

interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string;
}

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  servers = [];
});

async function relay(options: SMTPServerOptions = {}): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        taken.push({
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          message: Buffer.concat(parts).toString(),
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  // A server that listens on a port has an address of this type.
  return { port: (server.server.address() as AddressInfo).port, taken };
}

function mailerTo(smtpUrl: string): NonNullable<ReturnType<typeof createMailer>> {
  const mailer = createMailer({ smtpUrl, mailFrom });
  if (mailer === null) throw new Error("a mailer was expected");
  return mailer;
}

async function refusalOf(sending: Promise<void>): Promise<unknown> {
  return sending.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("a letter", () => {
  test("reaches a real relay, once, under its own id", async () => {
    const { port, taken } = await relay();
    await mailerTo(`smtp://127.0.0.1:${port}`).send({ ...letter, html: "<p>hello</p>" });
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({ from: "crm@acme.example", to: ["canary@example.com"] });
    expect(taken[0]?.message).toContain(`Message-ID: <${letter.id}@acme.example>`);
    expect(taken[0]?.message).toContain("Auto-Submitted: auto-generated");
    expect(taken[0]?.message).toMatch(/Subject: =\?UTF-8\?Q\?Gr=C3=BC=C3=9Fe\?=/);
    expect(taken[0]?.message).toContain("A line with one dot above.");
  });

  test("stays in the outbox when no relay is configured", () => {
    expect(createMailer({ smtpUrl: null, mailFrom: null })).toBeNull();
  });

  const injections: [what: string, change: Partial<Letter>][] = [
    ["a header in the address", { to: "a@example.com\r\nBcc: b@example.com" }],
    ["a bare line feed", { to: "a@example.com\nBcc: b@example.com" }],
    ["two recipients", { to: "a@example.com,b@example.com" }],
    ["a recipient hidden in a name", { to: "A <a@example.com>" }],
    ["a command behind the address", { to: "a@example.com> ORCPT=x" }],
    ["a header in the subject", { subject: "x\r\nBcc: b@example.com" }],
    ["a unicode line break in the subject", { subject: "x\u2028Bcc: b@example.com" }],
    ["no subject", { subject: "" }],
    ["a header in the id", { id: "x>\r\nBcc: b@example.com" }],
    ["too much text", { text: "x".repeat(600_000) }],
  ];
  test.each(injections)("with %s is refused and never sent", async (_, change) => {
    const { port, taken } = await relay();
    const refusal = await refusalOf(mailerTo(`smtp://127.0.0.1:${port}`).send({ ...letter, ...change }));
    expect(refusal).toBeInstanceOf(Problem);
    expect(taken).toEqual([]);
  });
});

describe("a relay", () => {
  test("is signed in to with the credentials of its URL", async () => {
    const seen: unknown[] = [];
    const { port } = await relay({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, done) {
        seen.push([username, password]);
        done(null, { user: username });
      },
    });
    await mailerTo(`smtp://us%40er:p%3Aw@127.0.0.1:${port}`).send(letter);
    expect(seen).toEqual([["us@er", "p:w"]]);
  });

  test.each([
    [550, true],
    [451, false],
  ])(
    "that answers %i to the recipient: permanent is %s, and its words are not repeated",
    async (status, permanent) => {
      const { port } = await relay({
        onRcptTo: ({ address }, _session, done) =>
          done(Object.assign(new Error(`no ${address}`), { responseCode: status })),
      });
      const refusal = await refusalOf(mailerTo(`smtp://127.0.0.1:${port}`).send(letter));
      expect(refusal).toBeInstanceOf(MailNotTaken);
      expect(refusal).toMatchObject({ permanent, code: `SMTP${status}` });
      expect(logged(refusal)).not.toContain("canary");
    },
  );

  test("that refuses the password is worth another try, after the operator mended it", async () => {
    const { port } = await relay({
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(new Error("no")),
    });
    const refusal = await refusalOf(mailerTo(`smtp://u:canary@127.0.0.1:${port}`).send(letter));
    expect(refusal).toMatchObject({ permanent: false, code: "SMTP535" });
    expect(logged(refusal)).not.toContain("canary");
  });

  test("that is not there, or shows a certificate that nobody vouches for, gets nothing", async () => {
    expect(await refusalOf(mailerTo("smtp://127.0.0.1:1").send(letter))).toMatchObject({ permanent: false });
    const { port, taken } = await relay({ secure: true });
    expect(await refusalOf(mailerTo(`smtps://127.0.0.1:${port}`).send(letter))).toBeInstanceOf(MailNotTaken);
    expect(taken).toEqual([]);
  });
});

const elsewhere = (): boolean => false;

describe("TLS", () => {
  test("is required of a relay elsewhere, from version 1.2 on", () => {
    expect(transportOptions("smtp://u:p@mx.example.com", elsewhere)).toMatchObject({
      port: 587,
      secure: false,
      requireTLS: true,
      ignoreTLS: false,
      tls: { minVersion: "TLSv1.2" },
    });
    expect(transportOptions("smtps://mx.example.com", elsewhere)).toMatchObject({ port: 465, secure: true });
  });

  test("is left out only when the operator says so", () => {
    expect(transportOptions("smtp://relay:25?tls=off", elsewhere)).toMatchObject({
      requireTLS: false,
      ignoreTLS: true,
    });
  });

  test("is not forgone when a relay does not offer it", async () => {
    const { port, taken } = await relay({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
    const { createTransport } = await import("nodemailer");
    const options = transportOptions(`smtp://127.0.0.1:${port}`, elsewhere);
    const refusal = await refusalOf(
      createTransport(options)
        .sendMail({ from: "a@example.com", to: "b@example.com", text: "x" })
        .then(() => undefined),
    );
    expect(refusal).toBeInstanceOf(Error);
    expect(taken).toEqual([]);
  });
});
