import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { client, type Client } from "./client.ts";
import type { Idp } from "./attack/saml-forge.ts";

const installed = "/usr/share/simplesamlphp/www";

/** Why SimpleSAMLphp cannot run here, or null. Debian's packages: simplesamlphp, php-cli, php-xml. */
export function simplesamlphpMissing(): string | null {
  if (!existsSync(installed)) return "Debian's package simplesamlphp is not installed";
  try {
    execFileSync("php", ["-r", "exit(extension_loaded('dom') ? 0 : 1);"], { stdio: "ignore" });
    return null;
  } catch {
    return "php-cli with php-xml is not installed";
  }
}

/** A service provider that the identity provider knows. */
export interface KnownSp {
  readonly entityId: string;
  readonly acsUrl: string;
  readonly certificate: string;
  readonly encrypted: boolean;
}

/** SimpleSAMLphp as an identity provider, in PHP's own server on loopback, with two people. */
export interface SimpleSamlPhp {
  readonly entityId: string;
  readonly origin: string;
  /** Tells it which service providers there are, with the key that checks their requests. */
  know(sps: readonly KnownSp[]): Promise<void>;
  metadata(): Promise<string>;
  /** Goes to the provider with a request, signs in there, and takes the form that it wants posted. */
  signIn(location: string, user: string): Promise<{ readonly action: string; readonly response: string }>;
  stop(): Promise<void>;
}

export async function startSimpleSamlPhp(idp: Idp): Promise<SimpleSamlPhp> {
  const folder = await mkdtemp(path.join(tmpdir(), "simplesamlphp-"));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const entityId = `${origin}/idp`;
  await configure(folder, origin, entityId, idp);
  const server = spawn("php", ["-S", `127.0.0.1:${port}`, "-t", path.join(folder, "root")], {
    env: {
      ...environment(),
      SIMPLESAMLPHP_CONFIG_DIR: path.join(folder, "config"),
      PHP_CLI_SERVER_WORKERS: "2",
    },
    stdio: "ignore",
    detached: true,
  });
  const browser = (): Client => client({ origin });
  await untilUp(browser());
  return {
    entityId,
    origin,
    know: (sps) => writeSps(folder, sps),
    metadata: async () => (await browser().get("/simplesamlphp/saml2/idp/metadata.php")).text,
    signIn: (location, user) => signIn(browser(), origin, location, user),
    stop: async () => {
      // Its own group: PHP's server has workers.
      if (server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
}

async function configure(folder: string, origin: string, entityId: string, idp: Idp): Promise<void> {
  const at = (name: string): string => path.join(folder, name);
  for (const name of ["config", "metadata", "certificates", "log", "data", "temporary", "sessions", "root"])
    await mkdir(at(name));
  await symlink(installed, at("root/simplesamlphp"));
  const settings = {
    baseurlpath: `${origin}/simplesamlphp/`,
    certdir: `${at("certificates")}/`,
    loggingdir: `${at("log")}/`,
    datadir: `${at("data")}/`,
    tempdir: at("temporary"),
    metadatadir: `${at("metadata")}/`,
    secretsalt: "a salt of the test alone",
    "auth.adminpassword": "nobody signs in as the admin",
    "admin.checkforupdates": false,
    "enable.saml20-idp": true,
    "module.enable": { exampleauth: true, core: true, saml: true },
    "session.cookie.secure": false,
    "session.cookie.samesite": null,
    "session.phpsession.savepath": at("sessions"),
    "logging.handler": "file",
    "metadata.sources": [{ type: "flatfile" }],
  };
  const files: Readonly<Record<string, string>> = {
    "config/config.php": `<?php\nrequire '/etc/simplesamlphp/config.php';\n$config = array_merge($config, ${php(settings)});\n`,
    "config/authsources.php": `<?php\n$config = ${php({
      people: {
        0: "exampleauth:UserPass",
        "ada:her password": {
          uid: ["ada"],
          email: ["ada@acme.example"],
          displayName: ["Ada Löwe & Söhne"],
          groups: ["sales", "emea"],
        },
        "bob:his password": {
          uid: ["bob"],
          email: ["bob@elsewhere.example"],
          displayName: ["Bob"],
          groups: [],
        },
      },
    })};\n`,
    "metadata/saml20-idp-hosted.php": `<?php\n$metadata[${php(entityId)}] = ${php({
      host: "__DEFAULT__",
      privatekey: "idp.key",
      certificate: "idp.crt",
      auth: "people",
      "signature.algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
      NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
      authproc: { 3: { class: "saml:PersistentNameID", attribute: "uid" } },
    })};\n`,
    "metadata/saml20-sp-remote.php": "<?php\n",
    "certificates/idp.key": idp.privateKey,
    "certificates/idp.crt": idp.certificate,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
}

async function writeSps(folder: string, sps: readonly KnownSp[]): Promise<void> {
  const entries = sps.map(({ entityId, acsUrl, certificate, encrypted }) => {
    const known = {
      AssertionConsumerService: acsUrl,
      keys: [
        {
          encryption: true,
          signing: true,
          type: "X509Certificate",
          X509Certificate: certificate.replace(/-----[A-Z ]+-----|\s/g, ""),
        },
      ],
      "validate.authnrequest": true,
      "saml20.sign.response": true,
      "saml20.sign.assertion": true,
      "assertion.encryption": encrypted,
    };
    return `$metadata[${php(entityId)}] = ${php(known)};`;
  });
  await writeFile(path.join(folder, "metadata/saml20-sp-remote.php"), `<?php\n${entries.join("\n")}\n`);
}

/** A value as PHP writes it. */
function php(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(php).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, one]) => `${/^\d+$/.test(key) ? key : php(key)} => ${php(one)}`,
    );
    return `[${entries.join(", ")}]`;
  }
  return typeof value === "string" ? `'${value.replace(/[\\']/g, "\\$&")}'` : String(value);
}

async function signIn(
  browser: Client,
  origin: string,
  location: string,
  user: string,
): Promise<{ readonly action: string; readonly response: string }> {
  let answer = await browser.get(location.slice(origin.length));
  let at = location;
  for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 5; hops += 1) {
    at = new URL(String(answer.headers["location"]), at).href;
    answer = await browser.get(at.slice(origin.length));
  }
  const state = /name="AuthState" value="([^"]*)"/.exec(answer.text)?.[1];
  if (state === undefined)
    throw new Error(`the provider shows no form: ${answer.status} ${plainly(answer.text)}`);
  const [username = "", password = ""] = user.split(":");
  const form = new URLSearchParams({ username, password, AuthState: unescaped(state) });
  const posted = await browser.send("POST", new URL(at).pathname, {
    raw: form.toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  const response = /name="SAMLResponse" value="([^"]*)"/.exec(posted.text)?.[1];
  const action = /<form[^>]* action="([^"]*)"/.exec(posted.text)?.[1];
  if (response === undefined || action === undefined)
    throw new Error(`the provider answers nothing: ${posted.status} ${plainly(posted.text)}`);
  return { action: unescaped(action), response: unescaped(response) };
}

function unescaped(text: string): string {
  return text
    .replace(/&#(x?)([0-9a-f]+);/gi, (_, hex: string, code: string) =>
      String.fromCodePoint(Number.parseInt(code, hex === "" ? 10 : 16)),
    )
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

const plainly = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .slice(0, 1500);

async function untilUp(browser: Client): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      await browser.get("/");
      return;
    } catch {
      await pause(100);
    }
  }
  throw new Error("PHP's server does not answer");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
