import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encode, type Idp, newIdp } from "../attack/saml-forge.ts";
import { proves } from "../proves.ts";
import { samlWorld, type SamlWorld } from "../saml-world.ts";
import { type SimpleSamlPhp, simplesamlphpMissing, startSimpleSamlPhp } from "../simplesamlphp.ts";
import { cameIn, type Org } from "../sso-world.ts";

const missing = simplesamlphpMissing();
if (missing !== null) test.skip(`against SimpleSAMLphp: ${missing}`, () => {});

describe.skipIf(missing !== null)("an identity provider that somebody else wrote: SimpleSAMLphp", () => {
  proves("IAM-7");
  let world: SamlWorld;
  let acme: Org;
  let key: Idp;
  let provider: SimpleSamlPhp;
  let plain: string;
  let encrypted: string;

  beforeAll(async () => {
    [world, key] = [await samlWorld(), await newIdp()];
    acme = await world.server.organization("acme");
    await world.verifyDomain(acme, "acme.example");
    provider = await startSimpleSamlPhp(key);
    const metadata = await provider.metadata();
    plain = await world.connectSaml(acme, settings(metadata));
    encrypted = await world.connectSaml(acme, settings(metadata));
    await provider.know([await knownSp(plain, false), await knownSp(encrypted, true)]);
  });
  afterAll(async () => {
    await provider?.stop();
    await world?.stop();
  });

  const settings = (metadata: string) => ({ metadata });
  const knownSp = async (connection: string, isEncrypted: boolean) => {
    const { json } = await acme.browser.get(`/o/acme/v1/sso-connections/${connection}`);
    const { entityId, acsUrl } = world.at(connection);
    return {
      entityId,
      acsUrl,
      certificate: String(json.settings.ownCertificates[0]),
      encrypted: isEncrypted,
    };
  };

  test("its metadata is read: entity id, address, certificate", async () => {
    const { json } = await acme.browser.get(`/o/acme/v1/sso-connections/${plain}`);
    expect(json.settings).toMatchObject({
      entityId: provider.entityId,
      signOnUrl: `${provider.origin}/simplesamlphp/saml2/idp/SSOService.php`,
      certificates: [key.certificate.trim()],
    });
  });

  test("takes our signed request, and we its response, signed as a whole and in its part", async () => {
    const browser = world.server.stranger();
    const location = await world.begin(browser, plain);
    const { action, response } = await provider.signIn(location, "ada:her password");
    expect(action).toBe(world.at(plain).acsUrl);
    expect(cameIn(await world.post(browser, plain, response))).toBe(true);
    const { person } = (await browser.get("/auth/me")).json;
    expect(person).toMatchObject({ email: "ada@acme.example", name: "Ada Löwe & Söhne" });
  });

  test("encrypts by AES-CBC only, as this release of it does, which is refused", async () => {
    const browser = world.server.stranger();
    const { response } = await provider.signIn(await world.begin(browser, encrypted), "ada:her password");
    expect(cameIn(await world.post(browser, encrypted, response))).toBe(false);
    expect((await world.reasons(acme))[0]).toMatch(/^encryption-algorithm: .*aes128-cbc$/);
  });

  test("a request that we did not sign is not taken there, so the signature is looked at", async () => {
    const location = await world.begin(world.server.stranger(), plain);
    await expect(
      provider.signIn(location.replace(/Signature=..../, "Signature=AAAA"), "ada:her password"),
    ).rejects.toThrow(/no form/);
  });

  test("what we do to its response is noticed", async () => {
    for (const change of [
      (xml: string) => xml.replace("ada@acme.example", "owner@acme.example"),
      (xml: string) => xml.replace(/NotOnOrAfter="20/g, 'NotOnOrAfter="21'),
      (xml: string) =>
        xml.replace(/<saml:Assertion.*?<\/ds:Signature>/s, (found) =>
          found.replace(/<ds:Signature.*<\/ds:Signature>/s, ""),
        ),
    ]) {
      const browser = world.server.stranger();
      const { response } = await provider.signIn(await world.begin(browser, plain), "ada:her password");
      const changed = change(Buffer.from(response, "base64").toString());
      expect(changed).not.toBe(Buffer.from(response, "base64").toString());
      expect(cameIn(await world.post(browser, plain, encode(changed)))).toBe(false);
    }
  });

  test("somebody of another domain stays outside", async () => {
    const browser = world.server.stranger();
    const { response } = await provider.signIn(await world.begin(browser, plain), "bob:his password");
    expect(cameIn(await world.post(browser, plain, response))).toBe(false);
    expect((await world.reasons(acme))[0]).toBe("address not vouched for");
  });
});
