import { afterAll, beforeAll, expect } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { type SamlWorld, samlWorld } from "../saml-world.ts";
import { cameIn, type Org } from "../sso-world.ts";
import { less, mattersOn } from "./take-away.ts";

// The same of single sign-on: setup links, held assertions, a connection's say over members.

proves("IAM-6", "IAM-13");

let world: SamlWorld;
let provider: HostileProvider;
let acme: Org;

beforeAll(async () => {
  world = await samlWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "acme.example");
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
const matters = mattersOn(() => world.db);
const at = (path: string): string => `/o/acme/v1${path}`;

matters(
  "left-setup-link",
  "the question whether whoever made a setup link may still change who gets in",
  ["403, 403", "200, 200"],
  async () => {
    const admin = await world.server.person(acme, "admin");
    const made = await admin.browser.post(at("/sso-setup-links"), { kind: "oidc", name: "Customer's own" });
    const token = String(made.json.link).split("token=")[1];
    const holder = world.server.stranger();
    const path = `/auth/sso-setup/${token}`;
    expect((await holder.get(path)).status).toBe(200);
    const demoted = await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["viewer"] });
    expect(demoted.status).toBe(200);
    const settings = { issuer: provider.issuer, clientId: "theirs", tokenAuth: "client_secret_basic" };
    const set = await holder.patch(path, { settings, secret: "a secret of their own" });
    return `${(await holder.get(path)).status}, ${set.status}`;
  },
  less("kernel.sso_draft(bytea)", ["and 'security.change' = any (m.permissions)", ""]),
);

matters(
  "left-assertion",
  "the end of assertions that wait for a yes when their connection is switched off, be it for a moment",
  ["refused", "in"],
  async () => {
    const open = await world.connectSaml(acme, { allowsUnsolicited: true });
    const browser = world.server.stranger();
    const email = `held-${newToken().slice(0, 8).toLowerCase()}@acme.example`;
    const page = await world.post(browser, open, world.answer(open, null, { subject: email, email }));
    const path = at(`/sso-connections/${open}`);
    expect((await acme.browser.post(`${path}/disable`)).status).toBe(204);
    expect((await acme.browser.post(`${path}/enable`)).status).toBe(204);
    const said = await browser.send("POST", `/auth/saml/${open}/accept`, {
      raw: new URLSearchParams({
        token: /name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? "",
      }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    });
    return cameIn(said) ? "in" : "refused";
  },
  less("kernel.sso_end_sessions(kernel.sso_connection,uuid,text)", [
    "'saml-request', 'assertion', 'sso-setup'",
    "'saml-request', 'sso-setup'",
  ]),
);

matters(
  "left-made",
  "the end of a connection's say over a membership that it made, with that membership",
  ["viewer, stays", "manager, goes"],
  async () => {
    const connection = await world.connect(acme, provider.issuer, {
      roleMap: [{ group: "leads", roles: ["manager"] }],
      defaultRoles: ["member"],
      followsGroups: true,
    });
    const sub = `back-${newToken()}`;
    const email = `${sub.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}@acme.example`;
    const enter = async (): Promise<boolean> => {
      provider.person = { sub, email, email_verified: true, groups: ["leads"] };
      const browser = world.server.stranger();
      const location = await world.begin(browser, connection);
      return cameIn(await world.arrive(browser, connection, provider.authorize(location)));
    };
    expect(await enter()).toBe(true);
    const { rows } = await world.db.query(
      "select m.id from kernel.membership m join kernel.person p on p.id = m.person_id where p.email = $1",
      [email],
    );
    const memberId = String(rows[0].id);
    expect((await acme.browser.delete(at(`/members/${memberId}`))).status).toBe(204);
    expect(await enter()).toBe(false);
    // Invited again, as somebody who may look.
    await world.db.query(
      "update kernel.membership set ended_at = null, roles = '{viewer}', permissions = kernel.permissions_of(tenant_id, '{viewer}') where id = $1",
      [memberId],
    );
    expect(await enter()).toBe(true);
    const member =
      "select array_to_string(roles, ' ') as roles, ended_at is null as here from kernel.membership where id = $1";
    const had = (await world.db.query(member, [memberId])).rows[0].roles;
    await acme.browser.post(at(`/sso-connections/${connection}/end`), { offBoard: true });
    const { here } = (await world.db.query(member, [memberId])).rows[0];
    return `${String(had).split(" ")[0]}, ${here === true ? "stays" : "goes"}`;
  },
  less("kernel.off_board_all(uuid,uuid[],text)", [
    "i.tenant_id = off_board_all.tenant and i.provisioned",
    "false",
  ]),
);
