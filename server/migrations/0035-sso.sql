-- Single sign-on: an organization's identity providers, the domains that it has shown to be its own, who came by them, and
-- the demand that members come by no other way.
--
-- Whoever runs an organization's identity provider can sign in as anybody whom it may assert. So what comes by it is good in
-- that organization only (credential.sso_tenant_id), only for addresses of domains that are verified for it, and for
-- nobody who may do more than whoever answers for the connection.

set local role rf_kernel;

-- A domain counts for an organization once its DNS holds the organization's token, and for one organization at a time.
create table kernel.domain (
  tenant_id   uuid not null references kernel.tenant,
  id          uuid not null default gen_random_uuid(),
  name        text not null check (length(name) <= 253 and name ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z0-9-]{2,63}$'),
  -- What the TXT record holds: public, and good for nobody else.
  token       text not null check (token ~ '^[A-Za-z0-9_-]{43}$'),
  verified_at timestamptz,
  checked_at  timestamptz,
  created_at  timestamptz not null default now(),
  ended_at    timestamptz,
  primary key (tenant_id, id)
);
create unique index domain_open on kernel.domain (tenant_id, name) where ended_at is null;
create unique index domain_verified on kernel.domain (name) where verified_at is not null and ended_at is null;

-- An identity provider of an organization. Its id is random and never used again: it stands in the callback's address, which
-- is one per connection, so that an answer of one provider is not taken for another's (RFC 9700 section 4.4).
create table kernel.sso_connection (
  tenant_id     uuid not null references kernel.tenant,
  id            uuid primary key default gen_random_uuid(),
  kind          text not null check (kind in ('oidc', 'saml')),
  name          text not null check (length(name) between 1 and 100),
  state         text not null default 'draft' check (state in ('draft', 'enabled', 'disabled')),
  -- What the kind needs to know, nothing of it secret.
  settings      jsonb not null default '{}' check (pg_column_size(settings) <= 65536),
  -- The client's secret or private key, sealed with the organization's key. The one before it stays good for a while, so that
  -- both sides need not change at the same moment.
  secret        bytea,
  former_secret bytea,
  former_until  timestamptz,
  -- A token that only the holder of the organization's key can open. The door shows it when it says who came, so that the
  -- password of the door alone signs nobody in.
  proof_sealed  bytea not null,
  proof_digest  bytea not null check (octet_length(proof_digest) = 32),
  -- Which of the organization's verified domains it speaks for; empty means all.
  domains       text[] not null default '{}' check (cardinality(domains) <= 100),
  -- Whom it does not know yet it may make a member, with these roles and those that groups give.
  provisions    boolean not null default false,
  default_roles text[] not null default '{}' check (cardinality(default_roles) <= 20),
  -- [{"group": "…", "roles": ["…"]}]
  role_map      jsonb not null default '[]' check (jsonb_typeof(role_map) = 'array' and jsonb_array_length(role_map) <= 200),
  -- Whether members that it made have their roles set anew at each sign-in.
  follows_groups boolean not null default false,
  -- The member who answers for it: it lets in nobody who may do more, and gives no more.
  answers       uuid not null,
  version       integer not null default 1,
  created_at    timestamptz not null default now(),
  changed_at    timestamptz not null default now(),
  ended_at      timestamptz
);
create index sso_connection_tenant on kernel.sso_connection (tenant_id);

-- Who somebody at the provider is here. The key is what the provider never gives to another: not the address.
create table kernel.sso_identity (
  connection_id uuid not null references kernel.sso_connection,
  issuer        text not null check (length(issuer) between 1 and 1000),
  subject       text not null check (length(subject) between 1 and 500),
  tenant_id     uuid not null,
  person_id     uuid not null references kernel.person,
  member_id     uuid not null,
  -- The membership was made by this connection, and may end with it.
  provisioned   boolean not null default false,
  email         text,
  created_at    timestamptz not null default now(),
  signed_in_at  timestamptz not null default now(),
  primary key (connection_id, issuer, subject),
  unique (connection_id, person_id)
);
create index sso_identity_person on kernel.sso_identity (person_id);

call kernel.drop_statistics('kernel.domain');
call kernel.drop_statistics('kernel.sso_connection');
call kernel.drop_statistics('kernel.sso_identity');

-- An event of single sign-on in the trail of its one organization. Internal.
create function kernel.audit_sso(
  tenant uuid, connection uuid, action text, severity text, person uuid, email text, after jsonb, request_id uuid, ip inet, device text
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (tenant, person, left(coalesce(email, 'unknown'), 320), audit_sso.request_id, audit_sso.ip, left(audit_sso.device, 500), action, 'sso-connection', connection,
          severity, after)
$$;

-- Whether a connection may speak for this address: its domain is verified for the organization, and the connection not
-- confined to others. Internal.
create function kernel.sso_vouches(connection kernel.sso_connection, address text) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select exists (
    select from kernel.domain d
     where d.tenant_id = (connection).tenant_id and d.name = lower(substring(address from '@([^@]+)$')) and d.verified_at is not null and d.ended_at is null
       and (cardinality((connection).domains) = 0 or d.name = any ((connection).domains)));
end;

-- What whoever answers for a connection may do; also when they have left, since the provider serves the organization. Internal.
create function kernel.sso_ceiling(connection kernel.sso_connection) returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select m.permissions from kernel.membership m where m.tenant_id = (connection).tenant_id and m.id = (connection).answers;
end;

-- The roles that a connection gives to somebody in these groups: of those asked for, the ones that exist, that are not above an
-- admin's, and that whoever answers for it could give. Internal.
create function kernel.sso_roles(connection kernel.sso_connection, groups text[]) returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(array_agg(distinct w.role order by w.role), '{}')
    from (select unnest((connection).default_roles) as role
          union select r.role from jsonb_array_elements((connection).role_map) m cross join lateral jsonb_array_elements_text(m -> 'roles') r (role)
           where m ->> 'group' = any (groups)) w
   where w.role <> 'owner' and cardinality(kernel.permissions_of((connection).tenant_id, array[w.role])) > 0
     and kernel.covers(kernel.permissions_of((connection).tenant_id, '{admin}'), kernel.permissions_of((connection).tenant_id, array[w.role]))
     and kernel.covers(kernel.sso_ceiling(connection), kernel.permissions_of((connection).tenant_id, array[w.role]));
end;

-- The member whom an identity stands for, found or made; `reason` says why nobody. Internal.
create function kernel.sso_member(
  connection kernel.sso_connection, issuer text, subject text, email text, email_verified boolean, name text, groups text[], tester uuid,
  out person uuid, out member uuid, out reason text
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant   constant uuid := (connection).tenant_id;
  address  constant text := case when email_verified and kernel.sso_vouches(connection, email) then lower(email) end;
  identity kernel.sso_identity;
  belongs  kernel.membership;
  someone  kernel.person;
  wanted   text[];
  made     boolean := false;
begin
  -- Two first sign-ins of one subject take turns.
  perform pg_advisory_xact_lock(hashtextextended(format('%s|%s|%s', (connection).id, sso_member.issuer, sso_member.subject), 7462));
  select i.* into identity from kernel.sso_identity i
   where i.connection_id = (connection).id and i.issuer = sso_member.issuer and i.subject = sso_member.subject;
  if identity.person_id is not null then
    select p.* into someone from kernel.person p where p.id = identity.person_id;
  elsif tester is not null then
    -- An administrator who tries the connection out, in the browser that holds their session.
    select p.* into someone from kernel.person p where p.id = tester;
  elsif address is null then
    reason := 'address not vouched for';
    return;
  else
    select p.* into someone from kernel.person p where lower(p.email) collate "C" = address collate "C";
  end if;
  if tester is not null and someone.id <> tester then
    reason := 'somebody else';
    return;
  end if;
  if someone.ended_at is not null or someone.kind = 'service' then
    reason := 'account ended';
    return;
  end if;
  select m.* into belongs from kernel.membership m where m.tenant_id = tenant and m.person_id = someone.id for update;
  if belongs.ended_at is not null then
    -- Who was made to leave does not come back by signing in.
    reason := 'membership ended';
    return;
  end if;
  if identity.person_id is null and someone.id is not null and exists (
       select from kernel.sso_identity i where i.connection_id = (connection).id and i.person_id = someone.id) then
    -- An address that was given to somebody new, or a provider that asserts what it likes.
    reason := 'another subject has this address';
    return;
  end if;
  wanted := kernel.sso_roles(connection, groups);
  if belongs.id is null then
    if identity.person_id is not null then
      reason := 'membership ended';
    elsif not (connection).provisions then
      reason := 'not a member';
    elsif cardinality(wanted) = 0 then
      reason := 'no role';
    end if;
    if reason is not null then
      return;
    end if;
    if someone.id is null then
      insert into kernel.person (email, name) values (address, left(coalesce(nullif(btrim(sso_member.name), ''), split_part(address, '@', 1)), 200))
      returning * into someone;
    end if;
    insert into kernel.membership (tenant_id, person_id, roles, permissions)
    values (tenant, someone.id, wanted, kernel.permissions_of(tenant, wanted)) returning * into belongs;
    made := true;
  elsif not kernel.covers(kernel.sso_ceiling(connection), belongs.permissions) then
    -- Else an admin would become the owner by a provider of their own.
    reason := 'above who answers for the connection';
    return;
  elsif (connection).follows_groups and identity.provisioned and not ('owner' = any (belongs.roles)) and belongs.roles is distinct from wanted then
    if cardinality(wanted) = 0 then
      reason := 'no role';
      return;
    end if;
    update kernel.membership m set roles = wanted, permissions = kernel.permissions_of(tenant, wanted), version = m.version + 1
     where m.tenant_id = tenant and m.id = belongs.id;
  end if;
  insert into kernel.sso_identity (connection_id, issuer, subject, tenant_id, person_id, member_id, provisioned, email)
  values ((connection).id, sso_member.issuer, sso_member.subject, tenant, someone.id, belongs.id, made, left(sso_member.email, 320))
  on conflict on constraint sso_identity_pkey do update set signed_in_at = now(), email = excluded.email;
  person := someone.id;
  member := belongs.id;
end $$;

-- Where every single sign-on ends, of both kinds. Whoever calls it has verified what the provider signed, and has used up what
-- was good once; this decides whom it stands for, and opens a session that is good in that one organization.
--
-- Answers {"next": null | "second-factor", "organization": slug}, or {"refused": why} when nobody comes in: it does not raise, so
-- that what it writes into the trail stays. `why` is for the trail alone. `proved_at` is when the person showed the provider who
-- they are; `tester` the person who tries the connection out, which opens no session and answers {"tested": true}. Internal.
create function kernel.sso_signed_in(
  connection uuid, issuer text, subject text, email text, email_verified boolean, name text, groups text[], satisfies_second_factor boolean,
  session_hash bytea, request_id uuid, ip inet, device text, proved_at timestamptz default null, tester uuid default null
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  through kernel.sso_connection;
  slug    text;
  found_  record;
  reason  text;
  verdict jsonb;
begin
  select c.* into through from kernel.sso_connection c where c.id = sso_signed_in.connection and c.ended_at is null for share;
  select t.slug into slug from kernel.tenant t where t.id = through.tenant_id and t.state = 'active';
  if slug is null or through.state = 'disabled' or through.state = 'draft' and tester is null then
    -- Asked again here and not only at the start: what was disabled meanwhile lets nobody in.
    reason := 'connection not enabled';
  else
    select * into found_ from kernel.sso_member(through, issuer, subject, email, email_verified, name, groups, tester);
    reason := found_.reason;
  end if;
  if reason is not null then
    if through.tenant_id is not null then
      perform kernel.audit_sso(through.tenant_id, through.id, 'sign-in-refused', 'warning', null, email,
        jsonb_strip_nulls(jsonb_build_object('reason', reason, 'subject', left(subject, 500))), request_id, ip, device);
    end if;
    return jsonb_build_object('refused', reason);
  end if;
  if tester is not null then
    perform kernel.audit_sso(through.tenant_id, through.id, 'test', 'notice', found_.person, email, jsonb_build_object('subject', left(subject, 500)), request_id, ip, device);
    return jsonb_build_object('tested', true, 'organization', slug);
  end if;
  if satisfies_second_factor then
    perform kernel.mint_session(found_.person, session_hash, ip, device, '{sso}', through.tenant_id);
    verdict := '{"next": null}';
  else
    verdict := kernel.first_factor_passed(found_.person, 'sso', session_hash, request_id, ip, device, through.tenant_id);
  end if;
  -- A session at the provider may be hours old: it proves who this is, not that they are here now.
  update kernel.credential c
     set proved_at = case when sso_signed_in.proved_at <= now() then sso_signed_in.proved_at end,
         second_factor_at = case when satisfies_second_factor then now() else c.second_factor_at end
   where c.digest = sha256(session_hash);
  perform kernel.audit_sso(through.tenant_id, through.id, 'sign-in', 'info', found_.person, email,
    jsonb_build_object('subject', left(subject, 500), 'next', verdict -> 'next'), request_id, ip, device);
  return verdict || jsonb_build_object('organization', slug);
end $$;

-- Raises unless this is the token that only the holder of the organization's key can open. Internal.
create function kernel.demand_sso_proof(connection uuid, proof bytea) returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from kernel.sso_connection c where c.id = demand_sso_proof.connection and c.ended_at is null and c.proof_digest = sha256(proof)) then
    raise exception 'not allowed' using errcode = 'RF403', hint = 'sso-proof';
  end if;
end $$;

-- What the door needs in order to talk to a provider: its settings, and what is sealed, with the keys that open it, wrapped by
-- the installation's. Nothing for a connection that is disabled or gone.
create function kernel.sso_client(
  connection uuid, out tenant_id uuid, out organization text, out kind text, out state text, out version integer, out settings jsonb,
  out secret bytea, out former_secret bytea, out proof_sealed bytea, out keys jsonb
) returns setof record language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select c.tenant_id, t.slug, c.kind, c.state, c.version, c.settings, c.secret, case when c.former_until > now() then c.former_secret end, c.proof_sealed,
         (select jsonb_agg(jsonb_build_object('id', k.id, 'wrapped', encode(k.wrapped, 'base64')) order by k.id desc)
            from kernel.tenant_key k where k.tenant_id = c.tenant_id)
    from kernel.sso_connection c join kernel.tenant t on t.id = c.tenant_id and t.state = 'active'
   where c.id = sso_client.connection and c.ended_at is null and c.state <> 'disabled';
end;

-- Begins a sign-in: what comes back must name this ticket, in this browser, at this connection. `wanted` is oidc-state or
-- saml-request; the payload holds what the answer is compared with, none of it secret.
create function kernel.sso_begin(connection uuid, wanted text, ticket_hash bytea, browser_hash bytea, payload jsonb, seconds integer) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  insert into kernel.ticket (digest, purpose, tenant_id, browser, payload, expires_at)
  select kernel.ticket_digest(wanted, ticket_hash), wanted, c.tenant_id, sha256(browser_hash),
         sso_begin.payload - 'tester' || jsonb_build_object('connection', c.id), now() + make_interval(secs => least(seconds, 600))
    from kernel.sso_connection c join kernel.tenant t on t.id = c.tenant_id and t.state = 'active'
   where c.id = sso_begin.connection and c.state = 'enabled' and c.ended_at is null
     and c.kind = case wanted when 'oidc-state' then 'oidc' when 'saml-request' then 'saml' end;
  if not found then
    raise exception 'no such connection' using errcode = 'RF404';
  end if;
end $$;

-- The same for an administrator who tries out a connection that may not be enabled yet.
create function kernel.sso_begin_test(connection uuid, wanted text, ticket_hash bytea, browser_hash bytea, payload jsonb, seconds integer) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  person constant uuid := (kernel.verified())[5]::uuid;
begin
  insert into kernel.ticket (digest, purpose, tenant_id, person_id, browser, payload, expires_at)
  select kernel.ticket_digest(wanted, ticket_hash), wanted, tenant, person, sha256(browser_hash),
         sso_begin_test.payload || jsonb_build_object('connection', c.id, 'tester', person), now() + make_interval(secs => least(seconds, 600))
    from kernel.sso_connection c
   where c.id = sso_begin_test.connection and c.tenant_id = tenant and c.state <> 'disabled' and c.ended_at is null
     and c.kind = case wanted when 'oidc-state' then 'oidc' when 'saml-request' then 'saml' end;
  if not found then
    raise exception 'no such connection' using errcode = 'RF404';
  end if;
end $$;

-- Uses the ticket up and tells what the answer must match; raises RF403 for one that this browser did not begin at this connection.
create function kernel.sso_take(connection uuid, wanted text, ticket_hash bytea, browser_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket kernel.ticket;
begin
  if wanted not in ('oidc-state', 'saml-request') or browser_hash is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  ticket := kernel.redeem(ticket_hash, wanted, browser_hash);
  if ticket.payload ->> 'connection' is distinct from sso_take.connection::text then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return ticket.payload;
end $$;

-- The taken ticket that this answer belongs to, which so is over; null when there is none. Internal.
create function kernel.sso_over(connection uuid, wanted text, ticket_hash bytea) returns kernel.ticket language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.ticket k set ended_at = now()
   where k.digest = kernel.ticket_digest(wanted, ticket_hash) and k.purpose = wanted and k.payload ->> 'connection' = sso_over.connection::text
     and k.used_at > now() - interval '2 minutes' and k.ended_at is null
  returning k.*
$$;

-- Finishes what kernel.sso_take took, once. `claims` is what the door has verified: issuer, subject, email, emailVerified, name, groups,
-- secondFactor, provedAt. Answers what kernel.sso_signed_in does.
create function kernel.sso_finish(
  connection uuid, wanted text, ticket_hash bytea, proof bytea, claims jsonb, session_hash bytea, request_id uuid, ip inet, device text
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket kernel.ticket;
begin
  perform kernel.demand_sso_proof(connection, proof);
  ticket := kernel.sso_over(connection, wanted, ticket_hash);
  if ticket.id is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return kernel.sso_signed_in(connection, claims ->> 'issuer', claims ->> 'subject', claims ->> 'email', (claims ->> 'emailVerified')::boolean is true,
    claims ->> 'name', array(select jsonb_array_elements_text(coalesce(claims -> 'groups', '[]'))), (claims ->> 'secondFactor')::boolean is true,
    session_hash, request_id, ip, device, (claims ->> 'provedAt')::timestamptz, ticket.person_id);
end $$;

-- Writes down why an answer was refused before it came to whom it stands for; only for a sign-in that was begun, so that nobody
-- fills a trail from outside.
create function kernel.sso_refuse(connection uuid, wanted text, ticket_hash bytea, reason text, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket kernel.ticket;
begin
  ticket := kernel.sso_over(connection, wanted, ticket_hash);
  if ticket.id is not null then
    perform kernel.audit_sso(ticket.tenant_id, connection, 'sign-in-refused', 'warning', ticket.person_id, null, jsonb_build_object('reason', left(reason, 300)),
                             request_id, ip, device);
  end if;
end $$;

-- Where people of a domain sign in. It looks at the domain only, so that it tells nobody who has an account (home-realm discovery).
create function kernel.sso_discover(domain text) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'kind', c.kind, 'organization', t.name) order by t.name, c.name), '[]')
    from kernel.domain d
    join kernel.tenant t on t.id = d.tenant_id and t.state = 'active'
    join kernel.sso_connection c on c.tenant_id = d.tenant_id and c.state = 'enabled' and c.ended_at is null
     and (cardinality(c.domains) = 0 or d.name = any (c.domains))
   where d.name = lower(sso_discover.domain) and d.verified_at is not null and d.ended_at is null;
end;

grant execute on function
  kernel.sso_client(uuid), kernel.sso_begin(uuid, text, bytea, bytea, jsonb, integer), kernel.sso_take(uuid, text, bytea, bytea),
  kernel.sso_finish(uuid, text, bytea, bytea, jsonb, bytea, uuid, inet, text), kernel.sso_refuse(uuid, text, bytea, text, uuid, inet, text),
  kernel.sso_discover(text)
  to rf_auth;
grant execute on function kernel.sso_begin_test(uuid, text, bytea, bytea, jsonb, integer) to rf_api;
