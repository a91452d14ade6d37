import type { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { InstalledDatabase, Member, Organization } from "../installed-database.ts";
import { testServer, type TestServer } from "../server.ts";
import { codeOf } from "./attack-ground.ts";

/** A server, an organization, and ways to work at the database with many hands at once. */
export interface OneTimeGround {
  readonly server: TestServer;
  readonly database: InstalledDatabase;
  readonly acme: Organization;
  superuser(): Client;
  /** Somebody new, with the verifier of their password already derived. */
  somebody(): Promise<Member>;
  /** Runs one statement as rf_auth; its first value, or the SQLSTATE. */
  auth(text: string, values: readonly unknown[]): Promise<unknown>;
  /** Makes a ticket of this purpose for somebody, as its door would have; the token. */
  ticket(purpose: string, options?: TicketOptions): Promise<string>;
}

interface TicketOptions {
  readonly person?: Member;
  readonly payload?: unknown;
  readonly browser?: Buffer;
}

const handsCount = 20;

/** Lays the ground before the first test of the file, and clears it away after the last. */
export function oneTimeGround(): OneTimeGround {
  let server: TestServer | undefined;
  let acme: Organization | undefined;
  let superuser: Client | undefined;
  let doors: Client[] = [];
  let turn = 0;
  beforeAll(async () => {
    server = await testServer();
    acme = await server.organization("acme");
    superuser = await server.database.connectAsSuperuser();
    const { database } = server;
    doors = await Promise.all(Array.from({ length: handsCount }, () => database.connectAs("auth")));
  });
  afterAll(() => server?.stop());
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the ground is laid before the first test");
    return value;
  };
  const somebody = (): Promise<Member> => there(server).database.member(there(acme), "member");
  return {
    get server() {
      return there(server);
    },
    get database() {
      return there(server).database;
    },
    get acme() {
      return there(acme);
    },
    superuser: () => there(superuser),
    somebody,
    auth: async (text, values) => {
      turn += 1;
      const result = there(doors[turn % doors.length])
        .query(text, [...values])
        .then(({ rows }) => Object.values(rows[0] ?? {})[0], codeOf);
      return result;
    },
    ticket: async (purpose, { person, payload, browser } = {}) => {
      const token = newToken();
      const who = person ?? (await somebody());
      await there(superuser).query(
        `insert into kernel.ticket (digest, purpose, person_id, tenant_id, email, roles, payload, browser, expires_at)
         values (kernel.ticket_digest($1, $2), $1, $3, $4, $5, '{viewer}', $6, $7, now() + interval '5 min')`,
        [
          purpose,
          sha256(token),
          who.personId,
          there(acme).id,
          `${uuidv7()}@example.com`,
          payload === undefined ? null : JSON.stringify(payload),
          browser ?? null,
        ],
      );
      return token;
    },
  };
}

/** Every purpose that the table of tickets knows, read from its own check. */
export async function purposesOf(superuser: Client): Promise<string[]> {
  const { rows } = await superuser.query(
    "select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = 'kernel.ticket'::regclass and conname = 'ticket_purpose_check'",
  );
  return [...String(rows[0]?.text).matchAll(/'([a-z-]+)'/g)].map(([, purpose]) => String(purpose));
}
