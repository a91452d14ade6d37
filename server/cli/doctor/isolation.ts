import {
  type Administration,
  DatabaseError,
  openPool,
  type Pool,
  type Statement,
} from "../../foundation/database/index.ts";
import { equalInConstantTime, hmacSha256, newToken, sha256, uuidv7 } from "../../foundation/ids/index.ts";
import { keyFor } from "../../foundation/secrets/index.ts";
import { declaredCatalog, differences, openMeasures, readCatalog } from "../../kernel/install/index.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** The live catalog against the declared one: what each start demands. */
export async function catalogFindings(db: Administration, prefix: string): Promise<Finding[]> {
  const expected = await declaredCatalog();
  const faults = differences(expected, await readCatalog(db, prefix));
  if (faults.length === 0)
    return [ok("isolation", `All ${expected.length} facts of the catalog are as declared.`)];
  const shown = faults.slice(0, 10).join("; ");
  return [
    fail(
      "isolation",
      `${faults.length} facts differ: ${shown}.`,
      "Undo what was changed by hand; nothing is served until then.",
    ),
  ];
}

/** Measures of depth that this platform leaves open; the walls stand without them. */
export async function depthFindings(db: Administration, prefix: string): Promise<Finding[]> {
  const open = await openMeasures(db, prefix);
  if (open.length === 0) return [ok("depth", "All measures of depth are in force.")];
  return [
    warn(
      "depth",
      `Left open by this platform: ${open.join(", ")}.`,
      "Install as a superuser where you can; isolation holds without them.",
    ),
  ];
}

interface Try {
  readonly what: string;
  readonly statements: readonly Statement[];
  /** The SQLSTATEs with which it must be refused. */
  readonly refusedBy: readonly string[];
}

const plain = (text: string): Statement => ({ text, values: [] });

/** What somebody would try who stole the password of rf_api. Nothing is kept of it, whatever happens. */
function tries(): readonly Try[] {
  const enter: Statement = {
    text: "select kernel.enter($1, null, $2, $3, null, 'ringfence doctor')",
    values: [sha256(newToken()), ["contact.read"], uuidv7()],
  };
  const forged = `${"0".repeat(64)}|1|credential|${uuidv7()}|||${uuidv7()}|0|0|||,contact.read,||`;
  return [
    {
      what: "reading contacts without a binding",
      statements: [plain("select count(*) from app.contact")],
      refusedBy: ["42501"],
    },
    {
      what: "reading credentials",
      statements: [plain("select digest from kernel.credential limit 1")],
      refusedBy: ["42501"],
    },
    {
      what: "entering with a made-up token",
      statements: [enter, plain("select count(*) from app.contact")],
      refusedBy: ["RF401"],
    },
    {
      what: "a forged binding",
      statements: [
        plain(`set local ringfence.binding = '${forged}'`),
        plain("select count(*) from app.contact"),
      ],
      refusedBy: ["42501", "22P02"],
    },
    {
      what: "becoming the owner",
      statements: [plain("set local role rf_owner")],
      refusedBy: ["42501", "22023"],
    },
  ];
}

/** Attacks the running database through its own door, and expects to be refused each time. */
export async function canaryFindings(dsn: string): Promise<Finding[]> {
  const api = openPool({
    connectionString: dsn,
    max: 1,
    applicationName: "ringfence doctor",
    statementTimeoutMs: 5000,
    transactionTimeoutMs: 8000,
  });
  try {
    const breaches: string[] = [];
    const all = tries();
    for (const each of all) if (!(await isRefused(api, each))) breaches.push(each.what);
    if (breaches.length === 0) return [ok("canary", `${all.length} attacks through rf_api were refused.`)];
    return [
      fail(
        "canary",
        `Not refused: ${breaches.join("; ")}.`,
        "Take the installation off the network and compare it with its declaration.",
      ),
    ];
  } finally {
    await api.close();
  }
}

async function isRefused(api: Pool, { statements, refusedBy }: Try): Promise<boolean> {
  try {
    await api.batch(statements);
    return false;
  } catch (error) {
    if (error instanceof DatabaseError && refusedBy.includes(error.code)) return true;
    throw error;
  }
}

/** Whether this is the secret with which the database was set up: with another, nothing sealed would open. */
export async function keyFindings(ops: Pool, secret: Buffer): Promise<Finding[]> {
  const [state] = await ops.batch([plain("select key_check, claimed from kernel.installation_state()")]);
  const check = state?.rows[0]?.["key_check"];
  const expected = hmacSha256(keyFor(secret, "key-check"), "ringfence installation");
  if (!Buffer.isBuffer(check) || !equalInConstantTime(check, expected)) {
    return [
      fail(
        "keys",
        "The installation secret is not the one that this database was set up with.",
        "Restore RINGFENCE_SECRET or the file `secret`.",
      ),
    ];
  }
  const setUp = state?.rows[0]?.["claimed"] === true;
  return [
    ok("keys", "The installation secret fits the database."),
    setUp
      ? ok("setup", "The installation has an owner.")
      : warn(
          "setup",
          "Nobody owns the installation yet.",
          "Open the setup link of a start, or run `ringfence bootstrap`.",
        ),
  ];
}
