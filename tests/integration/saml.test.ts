import { verify, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encode, honestXml, newIdp, opensslIdp, told } from "../attack/saml-forge.ts";
import { proves } from "../proves.ts";
import { requestIn, samlWorld, type SamlWorld } from "../saml-world.ts";
import { cameIn, type Org, own } from "../sso-world.ts";

let world: SamlWorld;
let acme: Org;
let connection: string;

beforeAll(async () => {
  world = await samlWorld();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "acme.example");
  connection = await world.connectSaml(acme);
});
afterAll(() => world.stop());

const shown = async (id = connection) => (await acme.browser.get(`/o/acme/v1/sso-connections/${id}`)).json;

describe("signing in by SAML", () => {
  proves("IAM-7");

  test("goes to the provider with a signed request, and a cookie that comes along with the provider's form", async () => {
    const browser = world.server.stranger();
    const answer = await browser.get(`/auth/sso/${connection}`, own);
    const location = new URL(String(answer.headers["location"]));
    expect(`${location.origin}${location.pathname}`).toBe("https://idp.example/sso");
    expect([...location.searchParams.keys()]).toEqual(["SAMLRequest", "SigAlg", "Signature"]);
    const { xml } = requestIn(location.href);
    expect(xml).toContain(
      `AssertionConsumerServiceURL="https://ringfence.example/auth/saml/${connection}/acs"`,
    );
    expect(xml).toContain(
      `<saml:Issuer>https://ringfence.example/auth/saml/${connection}/metadata</saml:Issuer>`,
    );
    const [text = "", signature = ""] = location.search.slice(1).split("&Signature=");
    const { publicKey } = new X509Certificate((await shown()).settings.ownCertificates[0]);
    const bytes = Buffer.from(decodeURIComponent(signature), "base64");
    expect(verify("sha256", Buffer.from(text), publicKey, bytes)).toBe(true);
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    expect(cookies.find((line) => line.startsWith("__Host-sso-post="))).toMatch(
      /; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None$/,
    );
    expect(cookies.find((line) => line.startsWith("__Host-sso="))).toMatch(/SameSite=Lax$/);
  });

  test("makes a member of somebody new, with a session that is good in this organization", async () => {
    const browser = world.server.stranger();
    const request = await world.ask(browser, connection, "?returnTo=/o/acme/contacts");
    const answer = await world.post(browser, connection, world.answer(connection, request));
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/o/acme/contacts"]);
    expect((await browser.get("/auth/me")).json).toMatchObject({
      person: { email: "ada@acme.example" },
      organizations: [{ slug: "acme", roles: ["member"] }],
    });
  });

  test("finds the same person again by their id, whatever their address has become", async () => {
    const browser = world.server.stranger();
    const response = world.answer(connection, await world.ask(browser, connection), {
      email: "new@acme.example",
    });
    expect(cameIn(await world.post(browser, connection, response))).toBe(true);
    expect((await browser.get("/auth/me")).json.person.email).toBe("ada@acme.example");
  });

  test("asks the provider anew when that is wanted, and takes no older sign-in for it", async () => {
    for (const [ago, comesIn] of [
      [3600, false],
      [1, true],
    ] as const) {
      const browser = world.server.stranger();
      const location = await world.begin(browser, connection, "?fresh=1");
      expect(requestIn(location).xml).toContain('ForceAuthn="true"');
      const authenticatedAt = new Date(Date.now() - ago * 1000).toISOString();
      const response = world.answer(connection, requestIn(location).id, { authenticatedAt });
      expect(cameIn(await world.post(browser, connection, response))).toBe(comesIn);
    }
    expect((await world.reasons(acme))[0]).toBe("the provider did not ask anew");
  });

  test("two tabs at once both come in", async () => {
    const browser = world.server.stranger();
    const requests = [await world.ask(browser, connection), await world.ask(browser, connection)];
    for (const request of requests) {
      expect(cameIn(await world.post(browser, connection, world.answer(connection, request)))).toBe(true);
    }
  });

  test("an address of a domain that is not the organization's lets nobody in", async () => {
    const browser = world.server.stranger();
    const response = world.answer(connection, await world.ask(browser, connection), {
      subject: "stranger",
      email: "ada@elsewhere.example",
    });
    expect(cameIn(await world.post(browser, connection, response))).toBe(false);
    expect((await world.reasons(acme))[0]).toBe("address not vouched for");
  });

  test("an administrator tries a draft out, which opens no session", async () => {
    const made = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "Draft" });
    const { id, version } = made.json;
    const settings = {
      entityId: world.idp.entityId,
      signOnUrl: "https://idp.example/sso",
      certificates: [world.idp.certificate],
    };
    await acme.browser.patch(`/o/acme/v1/sso-connections/${id}`, { settings }, { version });
    const begun = await acme.browser.post(`/o/acme/v1/sso-connections/${id}/test`);
    const response = world.answer(id, requestIn(begun.json.location).id, { subject: "the admin" });
    const answer = await world.post(acme.browser, id, response);
    expect(answer.headers["location"]).toBe(`/o/acme/security?tested=${id}`);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });
});

describe("where the provider begins", () => {
  let open: string;
  beforeAll(async () => {
    open = await world.connectSaml(acme, { allowsUnsolicited: true });
  });
  const accept = (browser: SamlBrowser, page: string, headers: Record<string, string> = {}) =>
    browser.send("POST", `/auth/saml/${open}/accept`, {
      raw: new URLSearchParams({ token: /name="token" value="([^"]*)"/.exec(page)?.[1] ?? "" }).toString(),
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
        ...headers,
      },
    });
  type SamlBrowser = ReturnType<SamlWorld["server"]["stranger"]>;

  test("a page asks first, in a form and without a session; yes signs in, once", async () => {
    const browser = world.server.stranger();
    const page = await world.post(
      browser,
      open,
      world.answer(open, null, { subject: "by portal", email: "bob@acme.example" }),
    );
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toContain("form-action 'self'");
    expect(page.text).toContain("Sign in as bob@acme.example?");
    expect(browser.cookies.has("__Host-sid")).toBe(false);
    const answer = await accept(browser, page.text);
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/o/acme"]);
    expect((await browser.get("/auth/me")).json.person.email).toBe("bob@acme.example");
    expect(cameIn(await accept(world.server.stranger(), page.text))).toBe(false);
    expect(cameIn(await accept(browser, page.text))).toBe(false);
  });

  test("what the page says of the person is made harmless", async () => {
    const page = await world.post(
      world.server.stranger(),
      open,
      world.answer(open, null, { email: "&lt;script&gt;alert(1)&lt;/script&gt;@x" }),
    );
    expect(page.text).not.toContain("<script>");
  });

  test("another browser's yes counts for nothing, nor does one that another site's page says", async () => {
    const victim = world.server.stranger();
    const page = await world.post(victim, open, world.answer(open, null));
    expect(cameIn(await accept(world.server.stranger(), page.text))).toBe(false);
    expect(cameIn(await accept(victim, page.text, { "sec-fetch-site": "cross-site" }))).toBe(false);
  });
});

describe("the metadata of a connection", () => {
  test("says addresses and keys, and is well-formed to another reader", async () => {
    const answer = await world.server.stranger().get(`/auth/saml/${connection}/metadata`);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/samlmetadata+xml"]);
    const [own_] = (await shown()).settings.ownCertificates;
    const body = String(own_).replace(/-----[A-Z ]+-----|\s/g, "");
    expect(answer.text.split(body)).toHaveLength(3);
    expect(answer.text).toContain('AuthnRequestsSigned="true" WantAssertionsSigned="true"');
    expect(answer.text).toContain(`Location="https://ringfence.example/auth/saml/${connection}/acs"`);
    const nowhere = await world.server
      .stranger()
      .get("/auth/saml/01a20101-0000-4000-8000-000000000000/metadata");
    expect(nowhere.status).toBe(404);
  });

  test("is there before the provider is known, and a new key stands beside the former one", async () => {
    const made = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "Rotating" });
    const { id, version } = made.json;
    const first = await acme.browser.patch(`/o/acme/v1/sso-connections/${id}`, { newKey: true }, { version });
    expect(first.json.settings.ownCertificates).toHaveLength(1);
    expect((await world.server.stranger().get(`/auth/saml/${id}/metadata`)).text).toContain(
      'use="encryption"',
    );
    const second = await acme.browser.patch(
      `/o/acme/v1/sso-connections/${id}`,
      { newKey: true },
      { version: first.json.version },
    );
    expect(second.json.settings.ownCertificates).toHaveLength(2);
    expect(second.json.settings.ownCertificates[1]).toBe(first.json.settings.ownCertificates[0]);
    expect(second.text).not.toContain("PRIVATE KEY");
  });
});

/** The provider's metadata as a product writes it, with what is to be left alone beside what counts. */
function metadataOf(entityId: string): string {
  const body = world.idp.certificate.replace(/-----[A-Z ]+-----|\s/g, "");
  return (
    `<?xml version="1.0"?>\r\n<!-- made by a product -->\n<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">` +
    `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
    `<ds:X509Data><ds:X509Certificate>\n${body}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
    `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/>` +
    `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/redirect"/></md:IDPSSODescriptor></md:EntityDescriptor>`
  );
}

describe("settings of a SAML connection", () => {
  const withSettings = async (settings: Readonly<Record<string, unknown>>) => {
    const made = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "Settings" });
    return acme.browser.patch(
      `/o/acme/v1/sso-connections/${made.json.id}`,
      { settings },
      { version: made.json.version },
    );
  };

  test("are read out of the provider's metadata", async () => {
    const metadata = metadataOf("https://idp.example/m");
    const { json } = await withSettings({ metadata });
    expect(json.settings).toMatchObject({
      entityId: "https://idp.example/m",
      signOnUrl: "https://idp.example/redirect",
      certificateEnds: [
        { fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/), notAfter: expect.any(String) },
      ],
    });
    for (const bad of ["<a/>", "no xml", metadata.replace("IDPSSO", "SPSSO"), `<!DOCTYPE a>${metadata}`]) {
      expect((await withSettings({ metadata: bad })).status).toBe(422);
    }
  });

  test("take no weak key, no expired certificate and no text that is none", async () => {
    const weak = opensslIdp(["-newkey", "rsa:1024"]).certificate;
    for (const certificate of [weak, "no certificate"]) {
      const answer = await withSettings({ entityId: "https://idp.example/m", certificates: [certificate] });
      expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, "/settings/certificates/0"]);
    }
  });

  test("that a change does not name stay; metadata counts before what stood there; null takes one away", async () => {
    const rich = {
      skewSeconds: 90,
      allowsUnsolicited: true,
      nameIdFormat: "persistent",
      attributes: { email: "mail", groups: "memberOf" },
    };
    const id = await world.connectSaml(acme, rich);
    const path = `/o/acme/v1/sso-connections/${id}`;
    const before = (await acme.browser.get(path)).json;
    const change = { settings: { skewSeconds: 30, allowsUnsolicited: null } };
    const changed = await acme.browser.patch(path, change, { version: before.version });
    const { allowsUnsolicited: _, ...left } = before.settings;
    expect([changed.status, changed.json.settings]).toEqual([200, { ...left, skewSeconds: 30 }]);
    await acme.browser.post(`${path}/disable`);
    const { version } = (await acme.browser.get(path)).json;
    const metadata = metadataOf("https://idp.example/moved");
    const moved = await acme.browser.patch(path, { settings: { metadata } }, { version });
    expect(moved.json.settings).toMatchObject({
      entityId: "https://idp.example/moved",
      attributes: rich.attributes,
    });
  });

  test("need a certificate before the connection can be switched on", async () => {
    const made = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "Bare" });
    const { id, version } = made.json;
    const settings = {
      entityId: "https://idp.example/m",
      signOnUrl: "https://idp.example/sso",
      certificates: [],
    };
    await acme.browser.patch(`/o/acme/v1/sso-connections/${id}`, { settings }, { version });
    expect((await acme.browser.post(`/o/acme/v1/sso-connections/${id}/enable`)).status).toBe(409);
  });

  test("hold two certificates while one replaces the other: both are taken", async () => {
    const next = await newIdp(world.idp.entityId);
    const both = await world.connectSaml(acme, { certificates: [world.idp.certificate, next.certificate] });
    for (const idp of [world.idp, next]) {
      const browser = world.server.stranger();
      const request = await world.ask(browser, both);
      const wanted = told(world.at(both), { inResponseTo: request, assertionId: `_by-${request}` });
      const response = encode(honestXml(idp, wanted));
      expect(cameIn(await world.post(browser, both, response))).toBe(true);
    }
  });
});
