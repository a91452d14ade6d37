import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { letterOf, sealedLetter } from "../../server/features/identity/index.ts";
import { waitingPersonMail } from "../../server/features/administration/index.ts";
import { openPool } from "../../server/foundation/database/index.ts";
import { installationVault } from "../../server/kernel/vault/index.ts";
import { installedDatabase, type InstalledDatabase, type Organization } from "../installed-database.ts";
import { trialSecret } from "../seed.ts";
import { testServer } from "../server.ts";

let database: InstalledDatabase;
let acme: Organization;

beforeAll(async () => {
  database = await installedDatabase();
  acme = await database.organization({ slug: "acme" });
});
afterAll(() => database.drop());

const secretLink = "https://ringfence.example/reset#token=canary";

async function queued(to: string): Promise<string> {
  const { mailId, sealed } = sealedLetter(
    installationVault(trialSecret),
    letterOf({ paragraphs: ["You asked.", "Or not."], link: { label: "Open", href: secretLink } }),
  );
  const db = await database.connectAsSuperuser();
  await db.query("select kernel.queue_person_mail($1, $2, 'A link', 'password-reset', $3)", [
    mailId,
    to,
    sealed,
  ]);
  return mailId;
}

async function rowOf(mailId: string): Promise<Record<string, unknown>> {
  const db = await database.connectAsSuperuser();
  const { rows } = await db.query("select * from kernel.person_mail where id = $1", [mailId]);
  return rows[0];
}

async function relay(refusal: number | null = null) {
  const letters: string[] = [];
  const state = { refusal };
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (state.refusal !== null)
          return done(Object.assign(new Error("no"), { responseCode: state.refusal }));
        letters.push(Buffer.concat(chunks).toString("utf8"));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
  const address = smtp.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server = await testServer(
    {
      RINGFENCE_DOORS: "api,worker",
      RINGFENCE_SMTP_URL: `smtp://127.0.0.1:${port}`,
      RINGFENCE_MAIL_FROM: "Ringfence <crm@ringfence.example>",
    },
    database,
  );
  return {
    letters,
    state,
    close: async () => {
      await server.stop();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  };
}

describe("a person's own mail", () => {
  test("waits sealed without a relay, where the operator can read it; the look stands in the person's trails", async () => {
    const mailId = await queued(acme.owner.email);
    expect((await rowOf(mailId))["body"]).not.toContain("canary");
    const ops = openPool({
      connectionString: database.dsnFor("ops"),
      max: 1,
      applicationName: "test",
      statementTimeoutMs: 10_000,
      transactionTimeoutMs: 10_000,
    });
    const letters = await waitingPersonMail(ops, trialSecret);
    await ops.close();
    expect(letters).toMatchObject([
      { id: mailId, to: acme.owner.email, subject: "A link", state: "waiting" },
    ]);
    expect(letters[0]?.text).toBe(`You asked.\n\nOpen:\n\n${secretLink}\n\nOr not.\n`);
    const db = await database.connectAsSuperuser();
    const { rows } = await db.query(
      "select tenant_id, actor_email, severity from kernel.audit_event where action = 'read' and resource_type = 'outbox'",
    );
    expect(rows).toEqual([{ tenant_id: acme.id, actor_email: "operator", severity: "notice" }]);
  });

  test("goes out once there is a relay, once, and its body is gone then", async () => {
    const smtp = await relay();
    const mailId = await queued("somebody@example.com");
    await expect.poll(async () => (await rowOf(mailId))["state"], { timeout: 15_000 }).toBe("sent");
    expect(await rowOf(mailId)).toMatchObject({ body: null, attempts: 1, failure: null });
    expect(smtp.letters.filter((letter) => letter.includes("somebody@example.com"))).toHaveLength(1);
    await smtp.close();
  });

  test("is tried again when the relay cannot, and given up when it will not", async () => {
    const smtp = await relay(451);
    const mailId = await queued("later@example.com");
    await expect
      .poll(async () => (await rowOf(mailId))["failure"], { timeout: 15_000 })
      .toBe("the relay did not take it (SMTP451)");
    expect(await rowOf(mailId)).toMatchObject({ state: "waiting", sent_at: null });
    smtp.state.refusal = 550;
    await expect.poll(async () => (await rowOf(mailId))["state"], { timeout: 15_000 }).toBe("failed");
    await smtp.close();
  });

  test("that another sender has leased is settled by nobody else, and leased again when the lease is over", async () => {
    const mailId = await queued("leased@example.com");
    const worker = await database.connectAs("worker");
    const lease = async (secret: string): Promise<unknown[]> =>
      (await worker.query("select id from kernel.lease_person_mail(sha256($1::bytea), 60, 50)", [secret]))
        .rows;
    expect(await lease("one")).toContainEqual({ id: mailId });
    expect(await lease("two")).toEqual([]);
    const settle = (secret: string) =>
      worker.query("select kernel.settle_person_mail($1, sha256($2::bytea), null, null) as state", [
        mailId,
        secret,
      ]);
    expect((await settle("two")).rows).toEqual([{ state: null }]);
    const db = await database.connectAsSuperuser();
    await db.query("update kernel.person_mail set leased_until = now() - interval '1 second' where id = $1", [
      mailId,
    ]);
    expect(await lease("two")).toContainEqual({ id: mailId });
    expect((await settle("one")).rows).toEqual([{ state: null }]);
    expect((await settle("two")).rows).toEqual([{ state: "sent" }]);
  });
});
