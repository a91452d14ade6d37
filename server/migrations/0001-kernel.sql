-- The kernel's own tables: people, credentials, organizations, what they may do, and what they did.
--
-- rf_kernel owns them. No door has a grant on any of them: functions do the work, and views that ask the binding show
-- what the API lists. What those views show keeps no planner statistics (0007), since EXPLAIN cannot be revoked and its estimates
-- ignore policies: with statistics on, a door could ask how many rows carry a given address.

set local role rf_kernel;

create schema kernel;
revoke all on schema kernel from public;
grant usage on schema kernel to rf_owner, rf_migrate, rf_api, rf_auth, rf_ingest, rf_worker, rf_live, rf_public, rf_ops;
alter default privileges revoke execute on functions from public;
alter default privileges revoke usage on types from public;

-- RFC 9562 UUID version 7. Built in only from PostgreSQL 18; one body for all versions keeps the catalog comparable.
-- Its body is bound to pg_catalog when it is made, so no search_path is pinned, which would keep it from being inlined.
create function kernel.uuidv7() returns uuid language sql volatile parallel safe
return encode(
  set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid;

grant execute on function kernel.uuidv7() to rf_owner, rf_api, rf_worker;

-- A moment as every answer writes it (RFC 3339, UTC, milliseconds): for JSON that is built here, where PostgreSQL would write
-- another form. Columns are written so by the server.
create function kernel.moment(at timestamptz) returns text language sql immutable parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
grant execute on function kernel.moment(timestamptz) to rf_api;

-- Two random blocks of SHA-256 (RFC 2104 derives both from one key; independent ones are no weaker): the keys with which
-- a binding is sealed by what authorises it. They are columns, never an argument or a variable: those are folded into
-- plans, and debug_print_plan prints plans. Nobody but the kernel can read the tables.
create function kernel.random_block() returns bytea language sql volatile
set search_path = pg_catalog, pg_temp
return uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());

create table kernel.installation (
  one        boolean primary key default true check (one),
  id         uuid not null default kernel.uuidv7(),
  -- HMAC of a fixed word under the installation secret: tells a wrong secret before anything is opened with it.
  key_check  bytea not null,
  region     text not null,
  claimed_at timestamptz,
  created_at timestamptz not null default now(),
  -- By which the server's words are known where no credential is shown (kernel.demand_word).
  word_inner        bytea not null check (octet_length(word_inner) = 64),
  word_outer_digest bytea not null check (octet_length(word_outer_digest) = 32),
  -- Whether two of the platform's staff together may come in without an organization's consent (0039).
  emergency_support boolean not null default false,
  -- Seals the bindings of migrations.
  inner_pad  bytea not null default kernel.random_block() check (octet_length(inner_pad) = 64),
  outer_pad  bytea not null default kernel.random_block() check (octet_length(outer_pad) = 64)
);

create table kernel.permission (
  key         text primary key check (key ~ '^[a-z_]+\.[a-z_]+$'),
  description text not null
);

-- Built-in roles, per preset: what a role may do differs between the CRM, analytics and the dialer.
create table kernel.role (
  preset      text not null,
  key         text not null,
  permissions text[] not null,
  primary key (preset, key)
);

create table kernel.tenant (
  id         uuid primary key default kernel.uuidv7(),
  slug       text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,47}$'),
  name       text not null check (length(name) between 1 and 200),
  preset     text not null default 'crm',
  region     text not null,
  locale     text not null,
  time_zone  text not null,
  currency   text not null check (currency ~ '^[A-Z]{3}$'),
  state      text not null default 'active' check (state in ('active', 'suspended', 'closed')),
  demo       boolean not null default false,
  version    integer not null default 1,
  created_at timestamptz not null default now(),
  -- What the organization demands of whoever comes in, beside role and permission (kernel.gate, 0002).
  -- Roles whose members need a second factor; {*} means everybody. Who belongs to it longer has the days of grace from mfa_from on.
  mfa_roles            text[] check (cardinality(mfa_roles) > 0),
  mfa_from             timestamptz not null default now(),
  mfa_grace_days       integer not null default 7 check (mfa_grace_days between 0 and 90),
  sso_enforced         boolean not null default false,
  -- When single sign-on was demanded last, or ceased to be: what was opened before then without the provider is closed here for good.
  sso_closed_at        timestamptz,
  -- The only addresses to come from; null means any.
  networks             cidr[] check (cardinality(networks) between 1 and 500),
  -- Limits of a session in this organization, shorter than those of the session itself.
  session_idle_seconds integer check (session_idle_seconds between 300 and 2592000),
  session_max_seconds  integer check (session_max_seconds between 300 and 2592000),
  -- `address`: a session answers only at the address that it was opened from; `network`: only within its /24 (IPv6: /48).
  session_bound        text not null default 'none' check (session_bound in ('none', 'network', 'address')),
  -- Whether a browser on which a member had the second factor remembered (0041) may stand in for it. Where this is off, members have none remembered at all.
  remembered_devices   boolean not null default false,
  -- What no session may have been opened by; a passkey, single sign-on and the operator's way back cannot be closed.
  closed_ways          text[] not null default '{}' check (closed_ways <@ '{link,password}'),
  gated                boolean not null generated always as (
    mfa_roles is not null or sso_enforced or networks is not null or session_idle_seconds is not null
    or session_max_seconds is not null or session_bound <> 'none' or closed_ways <> '{}' or sso_closed_at is not null) stored
);

-- An organization's own roles. The key is for ever and is never given a second time, since memberships and invitations name
-- it; what people read is the name, which may change.
create table kernel.custom_role (
  tenant_id   uuid not null references kernel.tenant,
  id          uuid not null default kernel.uuidv7(),
  key         text not null check (key ~ '^[a-z][a-z0-9_-]{0,40}$' and key not in ('viewer', 'member', 'manager', 'admin', 'owner', 'support')),
  name        text not null check (length(name) between 1 and 100 and lower(btrim(name)) not in ('viewer', 'member', 'manager', 'admin', 'owner', 'support')),
  description text not null default '' check (length(description) <= 500),
  permissions text[] not null check (cardinality(permissions) between 1 and 500),
  version     integer not null default 1,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  ended_at    timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);
create unique index custom_role_name on kernel.custom_role (tenant_id, (lower(name) collate "C")) where ended_at is null;

create table kernel.person (
  id         uuid primary key default kernel.uuidv7(),
  email      text not null,
  name       text not null check (length(name) between 1 and 200),
  -- How to derive from the password what sha256 turns into the verifier; the password itself never comes here.
  recipe     jsonb,
  verifier   bytea check (octet_length(verifier) = 32),
  -- A service account is a person without a password, a mailbox or a session, for whom a member answers.
  kind       text not null default 'person' check (kind in ('person', 'service')),
  answerable uuid references kernel.person check ((kind = 'service') = (answerable is not null)),
  -- Since when a second factor is confirmed: every first factor then ends at the second.
  second_factor_since timestamptz,
  -- Since when it is known that the mailbox is theirs: they used a link that was mailed there because they asked. An invitation, which others ask
  -- for, is none.
  email_proved_at timestamptz,
  created_at timestamptz not null default now(),
  ended_at   timestamptz
);
create unique index person_email on kernel.person (lower(email) collate "C");
create index person_answerable on kernel.person (answerable) where answerable is not null;

create table kernel.membership (
  tenant_id   uuid not null references kernel.tenant,
  id          uuid not null default kernel.uuidv7(),
  person_id   uuid not null references kernel.person,
  roles       text[] not null check (cardinality(roles) between 1 and 20),
  -- The union of the roles' permissions, kept by kernel.refresh_permissions, so that `enter` asks one row.
  permissions text[] not null,
  -- May come in by password though single sign-on is enforced, for the day on which the identity provider is down.
  break_glass boolean not null default false,
  -- Somebody who came back after off-boarding: sessions from before then do not open this organization.
  sessions_from timestamptz,
  version     integer not null default 1,
  created_at  timestamptz not null default now(),
  ended_at    timestamptz,
  -- One of the platform's staff, let in by a grant (0039) with the permissions that the grant names, until then.
  until       timestamptz,
  primary key (tenant_id, id),
  check ((until is not null) = (roles = '{support}')),
  unique (tenant_id, person_id)
);
create index membership_person on kernel.membership (person_id);

-- Sessions, what is made from them, and API keys alike: whatever a token may stand for. `pending` is a session that
-- waits for its second factor, `access` and `refresh` are the tokens of a program that a session stands behind. The server sends sha256(token), the table holds
-- sha256(sha256(token)): a leaked table cannot be replayed into `enter`.
create table kernel.credential (
  id           uuid primary key default kernel.uuidv7(),
  kind         text not null check (kind in ('session', 'pending', 'access', 'refresh', 'key')),
  digest       bytea not null unique check (octet_length(digest) = 32),
  person_id    uuid not null references kernel.person,
  -- A key belongs to one organization; a session names the organization with each request.
  tenant_id    uuid references kernel.tenant check (kind in ('access', 'refresh') or (kind = 'key') = (tenant_id is not null)),
  -- What kind of key: whose rights it has, and where it is taken.
  class        text check (class in ('personal', 'publishable', 'secret', 'service', 'scim')) check ((kind = 'key') = (class is not null)),
  -- The session behind access and refresh tokens; it ends, they end.
  parent_id    uuid references kernel.credential on delete cascade,
  -- The organization whose identity provider vouched for this session: it is good there and nowhere else, since whoever
  -- runs that provider can sign in as anybody in it.
  sso_tenant_id uuid references kernel.tenant,
  -- How it was proven who this is: password, link, totp, backup-code, passkey, sso; `remembered-device` is no second factor (0041).
  factors      text[] not null default '{}',
  -- When that was proven last; dangerous acts want it fresh.
  proved_at    timestamptz,
  second_factor_at timestamptz,
  -- Whether it was looked at whether this sign-in is unusual (0040).
  arrived      boolean not null default false,
  -- Where the session was opened; `ip` is where it was seen last.
  opened_ip    inet,
  -- The only addresses that a key is taken from; null means any.
  networks     cidr[] check (cardinality(networks) between 1 and 100),
  -- The sites that a publishable key sends events for; null means any.
  sites        text[] check (cardinality(sites) between 1 and 50),
  -- Who made a key, when that is not the person whose rights it has: a service account's keys are made by people.
  made_by      uuid references kernel.person,
  -- The key that this one was re-rolled into; it goes on beside it until it expires.
  replaced_by  uuid references kernel.credential,
  -- The registered public key (0033) whose assertion this short token of a service account was given for.
  service_jwk_id uuid,
  -- When its people were told that it is about to expire.
  warned_at    timestamptz,
  name         text,
  hint         text,
  -- What a key may do at most; null means whatever its owner may do.
  permissions  text[],
  ip           inet,
  device       text,
  created_at   timestamptz not null default now(),
  last_seen_at timestamptz,
  idle_seconds integer,
  expires_at   timestamptz,
  ended_at     timestamptz,
  ended_why    text,
  -- Seals the bindings of this credential's transactions, which so die with it.
  inner_pad    bytea not null default kernel.random_block() check (octet_length(inner_pad) = 64),
  outer_pad    bytea not null default kernel.random_block() check (octet_length(outer_pad) = 64)
);
create index credential_person on kernel.credential (person_id) where ended_at is null;
create index credential_parent on kernel.credential (parent_id) where parent_id is not null;
create index credential_tenant on kernel.credential (tenant_id) where tenant_id is not null;
create index credential_made_by on kernel.credential (made_by) where made_by is not null;

-- A binding for reading that outlives its transaction by minutes, so that the next request of the same credential need not
-- be judged anew. Whatever it was judged by takes it away when it changes (0002). Only a digest of the handle is kept.
create table kernel.pass (
  -- In hex, as it stands in the setting.
  digest        text collate "C" primary key check (length(digest) = 64),
  credential_id uuid not null,
  person_id     uuid not null,
  tenant_id     uuid not null,
  member_id     uuid not null,
  -- `,contact.read,account.read,`: what a statement is asked for is found in it with both commas.
  needs         text not null,
  -- What kernel.verified returns for it.
  field         text[] not null,
  expires_at    timestamptz not null,
  -- Seals its presentations.
  key           bytea not null default uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
-- Not in the table's own definition, where PostgreSQL takes it from 16 on.
alter table kernel.pass alter needs set storage plain;
-- Ballast, a page each, that no handle fits: a plan made while the table has no page reads all of it, and sessions keep
-- their plans; after the first hundred passes each statement would look at all of them.
insert into kernel.pass
select encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex'), u.nobody, u.nobody, u.nobody, u.nobody, repeat(' ', 7500), '{}', '-infinity'
  from generate_series(1, 24), (select '00000000-0000-0000-0000-000000000000'::uuid as nobody) u;
create index pass_credential on kernel.pass (credential_id);
create index pass_person on kernel.pass (person_id);
-- None on tenant_id, which doors see in a view: whoever looks another organization up by it would be told by EXPLAIN how
-- many passes it has.
create index pass_member on kernel.pass (member_id);

-- Everything that is good once: links in mails, the challenges of passkeys, the states of single sign-on. The purpose goes into
-- the digest, so that one made for one purpose is unknown for any other.
create table kernel.ticket (
  id         uuid primary key default kernel.uuidv7(),
  digest     bytea not null unique check (octet_length(digest) = 32),
  purpose    text not null check (purpose in (
    'setup', 'invitation', 'password-reset', 'magic-link', 'magic-code', 'email-change-old', 'email-change-new', 'unlock',
    'passkey-registration', 'passkey-second-factor', 'passkey-proof',
    'passkey-sign-in', 'oidc-state', 'saml-request', 'sso-setup', 'assertion', 'owner-restore')),
  tenant_id  uuid references kernel.tenant,
  person_id  uuid references kernel.person on delete cascade,
  -- Digest of what the browser that asked holds in a cookie; null for what any browser may use.
  browser    bytea check (octet_length(browser) = 32),
  -- What its use needs to know, never a secret in clear.
  payload    jsonb,
  tries      integer not null default 0,
  email      text,
  roles      text[],
  invited_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz,
  ended_at   timestamptz
);
create index ticket_tenant on kernel.ticket (tenant_id, purpose);
create index ticket_person on kernel.ticket (person_id, purpose) where person_id is not null;
create index ticket_over on kernel.ticket (expires_at);

create function kernel.ticket_digest(purpose text, ticket_hash bytea) returns bytea language sql immutable parallel safe
return sha256(convert_to(purpose || '|', 'UTF8') || ticket_hash);

-- A person's own mail: links that prove a mailbox, notices of what happened to an account. It belongs to no organization, so
-- its body is sealed under a key that is derived from the installation's secret. A letter that was sent keeps no body.
create table kernel.person_mail (
  id           uuid primary key,
  to_address   text not null,
  subject      text not null check (length(subject) between 1 and 250),
  purpose      text not null check (purpose ~ '^[a-z][a-z-]{1,39}$'),
  body         bytea check (body is not null or state = 'sent'),
  -- The organization in whose name it was written: an invitation. Its people are told how the sending goes, and never what the letter says.
  tenant_id    uuid references kernel.tenant,
  state        text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
  attempts     smallint not null default 0,
  run_at       timestamptz not null default now(),
  lease_digest bytea,
  leased_until timestamptz,
  failure      text,
  created_at   timestamptz not null default now(),
  sent_at      timestamptz
);
create index person_mail_due on kernel.person_mail (run_at) where state = 'waiting';
create index person_mail_age on kernel.person_mail (created_at);

create table kernel.audit_event (
  -- No foreign key: it comes out of a verified binding, and checking it again would cost each event a look-up and a lock.
  tenant_id     uuid not null,
  id            uuid not null default kernel.uuidv7(),
  at            timestamptz not null default clock_timestamp(),
  actor_id      uuid,
  actor_email   text not null,
  credential_id uuid,
  request_id    uuid,
  ip            inet,
  device        text,
  action        text not null,
  resource_type text not null,
  resource_id   uuid,
  severity      text not null default 'info' check (severity in ('info', 'notice', 'warning', 'critical')),
  anomaly       text,
  -- Old and new values of what changed; a key that stands on one side only was null on the other.
  before        jsonb,
  after         jsonb,
  primary key (tenant_id, id)
);
create index audit_event_resource on kernel.audit_event (tenant_id, resource_id, id);
create index audit_event_severe on kernel.audit_event (tenant_id, id) where severity <> 'info';

-- What was refused before anybody was known: wrong passwords, dead tokens, foreign organizations; and what came to the doors of an
-- organization's connection and belongs to no sign-in that was begun here.
create table kernel.refusal (
  id         uuid primary key default kernel.uuidv7(),
  at         timestamptz not null default clock_timestamp(),
  reason     text not null,
  door       text not null,
  person_id  uuid,
  request_id uuid,
  ip         inet,
  device     text,
  -- Whose connection the door's address names.
  tenant_id     uuid,
  connection_id uuid,
  -- How often the same came within the hour.
  times         integer not null default 1
);
create index refusal_connection on kernel.refusal (connection_id, at) where connection_id is not null;

create table kernel.idempotency (
  tenant_id     uuid not null references kernel.tenant,
  credential_id uuid not null,
  key           text not null check (length(key) between 1 and 200),
  request_hash  bytea not null,
  status        smallint,
  resource_id   uuid,
  at            timestamptz not null default now(),
  primary key (tenant_id, credential_id, key)
);
create index idempotency_age on kernel.idempotency (at);

-- A tenant's data keys, each wrapped by a key kept outside the database. Destroying the row destroys what it sealed.
create table kernel.tenant_key (
  tenant_id  uuid not null references kernel.tenant,
  id         integer not null,
  wrapped    bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
