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
  -- When DNS last said whether the record is there, and since when it has said that it is not.
  checked_at    timestamptz,
  missing_since timestamptz check (missing_since is null or verified_at is not null),
  -- When a verified one ceased to be the organization's by what DNS said, until it is again: mailboxes there may be other people's since.
  lost_at       timestamptz,
  -- When a verified one is looked for again, and how often in a row DNS has not answered.
  due_at      timestamptz not null default now(),
  unanswered  integer not null default 0,
  created_at  timestamptz not null default now(),
  ended_at    timestamptz,
  primary key (tenant_id, id)
);
create unique index domain_open on kernel.domain (tenant_id, name) where ended_at is null;
create unique index domain_verified on kernel.domain (name) where verified_at is not null and ended_at is null;
create index domain_lost on kernel.domain (name) where lost_at is not null;

-- Who has lost the domain of an address since that moment; null is never. Internal.
create function kernel.lost_since(address text, moment timestamptz) returns setof uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select d.tenant_id from kernel.domain d
   where d.name = lower(substring(address from '@([^@]+)$')) and d.lost_at > coalesce(moment, '-infinity'::timestamptz);
end;

-- Since when it is known that the mailbox is this person's; null too when an organization has lost its domain since: perhaps somebody else reads it
-- now. Internal.
create function kernel.mailbox_proved_at(person uuid) returns timestamptz language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select p.email_proved_at from kernel.person p
   where p.id = mailbox_proved_at.person and not exists (select from kernel.lost_since(p.email, p.email_proved_at));
end;

-- Whether an organization that somebody belongs to has lost the domain of their mailbox since it was known to be theirs: a link that is mailed there
-- would open the organization to whoever reads it now. Internal.
create function kernel.mailbox_lost(person uuid) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select exists (
    select from kernel.person p cross join lateral kernel.lost_since(p.email, p.email_proved_at) l (tenant_id)
      join kernel.membership m on m.tenant_id = l.tenant_id and m.person_id = p.id and m.ended_at is null and m.until is null
     where p.id = mailbox_lost.person);
end;

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
  -- The organization's word that this provider asks everybody for a second factor, whether or not it says so each time.
  asks_second_factor boolean not null default false,
  -- The member who answers for it: it lets in nobody who may do more, and gives no more.
  answers       uuid not null,
  version       integer not null default 1,
  created_at    timestamptz not null default now(),
  changed_at    timestamptz not null default now(),
  -- When settings or secret changed last: whoever came through before that has not tried these.
  settled_at    timestamptz not null default now(),
  ended_at      timestamptz
);
create index sso_connection_tenant on kernel.sso_connection (tenant_id);

-- Who somebody at the provider is here. The key is what the provider never gives to another: not the address.
create table kernel.sso_identity (
  connection_id uuid not null references kernel.sso_connection,
  issuer        text not null check (length(issuer) between 1 and 1000),
  subject       text not null check (length(subject) between 1 and 500),
  tenant_id     uuid not null,
  person_id     uuid not null references kernel.person on delete cascade,
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

-- Wherever a session comes from one, by a second factor or as a token: what a provider vouched for is good in its organization only.
alter table kernel.credential add constraint credential_sso_confined check (not 'sso' = any (factors) or sso_tenant_id is not null);

-- Which connection vouched for a session, or for a sign-in that waits for its second factor, and by what names the provider speaks of it
-- when it says that the person signed out there.
create table kernel.sso_session (
  credential_id  uuid primary key references kernel.credential on delete cascade,
  connection_id  uuid not null references kernel.sso_connection,
  -- Of `sub` and `sid`, as the provider has them.
  subject_digest bytea check (octet_length(subject_digest) = 32),
  session_digest bytea check (octet_length(session_digest) = 32),
  -- Its second factor is the organization's word about the provider, and not the provider's about this sign-in.
  assumed        boolean not null default false
);
create index sso_session_subject on kernel.sso_session (connection_id, subject_digest);
create index sso_session_session on kernel.sso_session (connection_id, session_digest);

-- What a provider said that is good once, until nobody could use it any more anyway. Only a digest: the id is the provider's to choose.
create table kernel.sso_used (
  connection_id  uuid not null references kernel.sso_connection on delete cascade,
  digest         bytea not null check (octet_length(digest) = 32),
  remember_until timestamptz not null,
  primary key (connection_id, digest)
);
create index sso_used_over on kernel.sso_used (connection_id, remember_until);

call kernel.drop_statistics('kernel.domain');
call kernel.drop_statistics('kernel.sso_connection');
call kernel.drop_statistics('kernel.sso_identity');
call kernel.drop_statistics('kernel.sso_session');
call kernel.drop_statistics('kernel.sso_used');

-- An event of single sign-on in the trail of its one organization: of a person here, or by what `actor` says. Never under a name that a provider has
-- told, or whoever runs one would write what others did. Internal.
create function kernel.audit_sso(
  tenant uuid, connection uuid, action text, severity text, person uuid, actor text, after jsonb, request_id uuid, ip inet, device text,
  credential uuid default null
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (tenant, person, coalesce((select p.email from kernel.person p where p.id = person), actor, 'unknown'), credential, audit_sso.request_id, audit_sso.ip, left(audit_sso.device, 500), action, 'sso-connection', connection,
          severity, after)
$$;

-- What single sign-on did to a member, in the trail of its organization: by whose sign-in, and by which connection. Internal.
create function kernel.audit_sso_member(
  connection kernel.sso_connection, member kernel.membership, action text, severity text, before jsonb, after jsonb, request_id uuid, ip inet, device text
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, request_id, ip, device, action, resource_type, resource_id, severity, before, after)
  select (member).tenant_id, p.id, p.email, audit_sso_member.request_id, audit_sso_member.ip, left(audit_sso_member.device, 500), action, 'member', (member).id, severity,
         before, after || jsonb_build_object('connection', (connection).id, 'connectionName', (connection).name)
    from kernel.person p where p.id = (member).person_id
$$;

-- Notes what is good once as used; false when it was. Of any number at once, one is told true. Internal.
create function kernel.sso_remember(connection uuid, what text, until timestamptz) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from kernel.sso_used u where u.connection_id = sso_remember.connection and u.remember_until < now() - interval '5 minutes';
  insert into kernel.sso_used (connection_id, digest, remember_until)
  values (sso_remember.connection, sha256(convert_to(what, 'UTF8')), until) on conflict do nothing;
  return found;
end $$;

-- Whether a connection may speak for this address: it is one plain address, since a blank or a second one in it would make somebody else of whoever
-- stands in the trail; its domain is verified for the organization, and the connection not confined to others. For newcomers only while the domain's record is there: what becomes of a domain whose record is gone is not known
-- yet, so that nobody loses their way in and nobody is taken in. Internal.
create function kernel.sso_vouches(connection kernel.sso_connection, address text, newcomer boolean) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select address ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{3,253}$' and exists (
    select from kernel.domain d
     where d.tenant_id = (connection).tenant_id and d.name = lower(substring(address from '@([^@]+)$')) and d.verified_at is not null and d.ended_at is null
       and (not newcomer or d.missing_since is null)
       and (cardinality((connection).domains) = 0 or d.name = any ((connection).domains)));
end;

-- What whoever answers for a connection may do; also when they have left, since the provider serves the organization. Internal.
create function kernel.sso_ceiling(connection kernel.sso_connection) returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select m.permissions from kernel.membership m where m.tenant_id = (connection).tenant_id and m.id = (connection).answers;
end;

-- Whether a member comes by a provider of the organization with a second factor, of which nothing is known here: by the organization's
-- word about the provider that they come by, or have to come by; or as that provider said when they came last. Internal.
create function kernel.sso_second_factor(tenant uuid, member uuid, enforced boolean) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select exists (
    select from kernel.membership m join kernel.person p on p.id = m.person_id
      join kernel.sso_connection c on c.tenant_id = m.tenant_id and c.state = 'enabled' and c.ended_at is null
     where m.tenant_id = sso_second_factor.tenant and m.id = sso_second_factor.member
       -- Whoever may more than who answers for it is let in by none of it (kernel.sso_member).
       and kernel.covers(kernel.sso_ceiling(c), m.permissions)
       and (c.asks_second_factor
            and (exists (select from kernel.sso_identity i where i.connection_id = c.id and i.person_id = p.id)
                 or enforced and kernel.sso_vouches(c, p.email, false))
            or (select k.factors = '{sso}' and k.second_factor_at is not null and not s.assumed
                  from kernel.credential k join kernel.sso_session s on s.credential_id = k.id
                 where k.person_id = p.id and s.connection_id = c.id order by k.created_at desc, k.id desc limit 1)));
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
  request_id uuid, ip inet, device text, out person uuid, out member uuid, out reason text
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant   constant uuid := (connection).tenant_id;
  address  constant text := case when email_verified and kernel.sso_vouches(connection, email, false) then lower(email) end;
  identity kernel.sso_identity;
  belongs  kernel.membership;
  someone  kernel.person;
  wanted   text[];
  mapped   text[];
  made     boolean := false;
  new_person boolean := false;
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
  -- The person before the membership, as off-boarding has it.
  perform pg_advisory_xact_lock(kernel.person_lock(someone.id));
  select m.* into belongs from kernel.membership m where m.tenant_id = tenant and m.person_id = someone.id for update;
  if belongs.ended_at is not null then
    -- Who was made to leave does not come back by signing in.
    reason := 'membership ended';
    return;
  end if;
  if belongs.until is not null then
    reason := 'support staff, no member';
    return;
  end if;
  if identity.person_id is null and someone.id is not null and exists (
       select from kernel.sso_identity i where i.connection_id = (connection).id and i.person_id = someone.id) then
    -- An address that was given to somebody new, or a provider that asserts what it likes.
    reason := 'another subject has this address';
    return;
  end if;
  wanted := kernel.sso_roles(connection, groups);
  mapped := array(select distinct m ->> 'group' from jsonb_array_elements((connection).role_map) m where m ->> 'group' = any (groups) order by 1);
  if belongs.id is null then
    if identity.person_id is not null then
      reason := 'membership ended';
    elsif not (connection).provisions then
      reason := 'not a member';
    elsif not kernel.sso_vouches(connection, address, true) then
      reason := 'record of the domain gone';
    elsif cardinality(wanted) = 0 then
      reason := 'no role';
    end if;
    if reason is not null then
      return;
    end if;
    if someone.id is null then
      insert into kernel.person (email, name) values (address, left(coalesce(nullif(btrim(sso_member.name), ''), split_part(address, '@', 1)), 200))
      returning * into someone;
      new_person := true;
    elsif not kernel.reclaim_person(someone.id) then
      reason := 'member elsewhere, mailbox never proved';
      return;
    end if;
    insert into kernel.membership (tenant_id, person_id, roles, permissions)
    values (tenant, someone.id, wanted, kernel.permissions_of(tenant, wanted)) returning * into belongs;
    made := true;
    perform kernel.audit_sso_member(connection, belongs, 'join', 'notice', null,
      jsonb_build_object('roles', to_jsonb(wanted), 'groups', to_jsonb(mapped), 'email', someone.email, 'subject', left(sso_member.subject, 500), 'newPerson', new_person),
      request_id, ip, device);
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
    perform kernel.audit_sso_member(connection, belongs, 'change', 'warning', jsonb_build_object('roles', to_jsonb(belongs.roles)),
      jsonb_build_object('roles', to_jsonb(wanted), 'groups', to_jsonb(mapped)), request_id, ip, device);
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
-- they are; `tester` the person who tries the connection out, which opens no session and answers {"tested": true}. `provider_subject` and
-- `provider_session` are the names by which the provider will say that they signed out. Internal.
create function kernel.sso_signed_in(
  connection uuid, issuer text, subject text, email text, email_verified boolean, name text, groups text[], satisfies_second_factor boolean,
  session_hash bytea, request_id uuid, ip inet, device text, proved_at timestamptz default null, tester uuid default null,
  provider_subject text default null, provider_session text default null
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  through kernel.sso_connection;
  slug    text;
  found_  record;
  reason  text;
  verdict jsonb;
  assumed boolean;
  session uuid;
begin
  select c.* into through from kernel.sso_connection c where c.id = sso_signed_in.connection and c.ended_at is null for share;
  select t.slug into slug from kernel.tenant t where t.id = through.tenant_id and t.state = 'active';
  if slug is null or through.state = 'disabled' or through.state = 'draft' and tester is null then
    -- Asked again here and not only at the start: what was disabled meanwhile lets nobody in.
    reason := 'connection not enabled';
  else
    select * into found_ from kernel.sso_member(through, issuer, subject, email, email_verified, name, groups, tester, request_id, ip, device);
    reason := found_.reason;
  end if;
  if reason is not null then
    if through.tenant_id is not null then
      perform kernel.audit_sso(through.tenant_id, through.id, 'sign-in-refused', 'warning', null, null,
        jsonb_strip_nulls(jsonb_build_object('reason', reason, 'subject', left(subject, 500), 'email', left(email, 320))), request_id, ip, device);
    end if;
    return jsonb_build_object('refused', reason);
  end if;
  if tester is not null then
    perform kernel.audit_sso(through.tenant_id, through.id, 'test', 'notice', found_.person, null, jsonb_strip_nulls(jsonb_build_object('subject', left(subject, 500), 'email', left(email, 320))), request_id, ip, device);
    return jsonb_build_object('tested', true, 'organization', slug);
  end if;
  -- A word about the provider in general does not stand in for a factor that the person has here.
  assumed := not satisfies_second_factor and through.asks_second_factor
             and (select p.second_factor_since is null from kernel.person p where p.id = found_.person);
  if satisfies_second_factor or assumed then
    perform kernel.mint_session(found_.person, session_hash, ip, device, '{sso}', through.tenant_id);
    verdict := '{"next": null}';
  else
    verdict := kernel.first_factor_passed(found_.person, 'sso', session_hash, request_id, ip, device, through.tenant_id);
  end if;
  -- A session at the provider may be hours old: it proves who this is, not that they are here now.
  update kernel.credential c
     set proved_at = case when sso_signed_in.proved_at <= now() then sso_signed_in.proved_at end,
         second_factor_at = case when satisfies_second_factor or assumed then now() else c.second_factor_at end
   where c.digest = sha256(session_hash)
  returning c.id into session;
  insert into kernel.sso_session (credential_id, connection_id, subject_digest, session_digest, assumed)
  values (session, through.id, sha256(convert_to(provider_subject, 'UTF8')), sha256(convert_to(provider_session, 'UTF8')), assumed);
  perform kernel.audit_sso(through.tenant_id, through.id, case when verdict ->> 'next' is null then 'sign-in' else 'first-factor' end, 'info', found_.person, null,
    jsonb_strip_nulls(jsonb_build_object('factors', '["sso"]'::jsonb, 'subject', left(subject, 500),
      'email', nullif(lower(left(email, 320)), (select lower(p.email) from kernel.person p where p.id = found_.person)),
      'secondFactor', case when satisfies_second_factor then 'asserted' when assumed then 'assumed' end)), request_id, ip, device, session);
  return verdict || jsonb_build_object('organization', slug);
end $$;

-- Whether a sign-in that waits may still go on, as far as the connection by which it came says, until the end of the transaction: whoever switches
-- that off, ends it or unlinks the person waits for this, or this finds it done. Else what they end would just have become another session. Internal.
create function kernel.sso_hold(token_hash bytea) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1500ms' as $$
declare
  way record;
begin
  select s.connection_id, c.person_id into way from kernel.credential c join kernel.sso_session s on s.credential_id = c.id
   where c.digest = sha256(token_hash);
  if way.connection_id is null then
    return true;
  end if;
  perform from kernel.sso_connection c where c.id = way.connection_id for share;
  -- By a statement of its own, which sees what was waited for.
  return exists (select from kernel.sso_connection c join kernel.sso_identity i on i.connection_id = c.id and i.person_id = way.person_id
                  where c.id = way.connection_id and c.state = 'enabled' and c.ended_at is null);
end $$;

-- A sign-in that waited became a session: what is known of it goes along. Internal.
create function kernel.sso_carry(waiting uuid, session uuid) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.sso_session s set credential_id = sso_carry.session where s.credential_id = waiting
$$;

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
         sso_begin.payload - 'tester' || jsonb_build_object('connection', c.id, 'at', now()), now() + make_interval(secs => least(seconds, case wanted when 'saml-request' then 300 else 600 end))
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
         sso_begin_test.payload || jsonb_build_object('connection', c.id, 'tester', person, 'at', now()), now() + make_interval(secs => least(seconds, case wanted when 'saml-request' then 300 else 600 end))
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
-- secondFactor, provedAt, and of OpenID Connect sub and sid. Answers what kernel.sso_signed_in does.
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
    session_hash, request_id, ip, device, (claims ->> 'provedAt')::timestamptz, ticket.person_id,
    claims ->> 'sub', claims ->> 'sid');
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

-- Writes down what came to a connection's doors and belongs to no sign-in that was begun here. Anybody can send it, so the organization is shown it
-- beside its trail and not in it, and one stranger fills nothing: what is the same within the hour is counted, and of what differs there are
-- about a hundred rows an hour for each connection, the last of which counts all the rest.
create function kernel.sso_turned_away(connection uuid, door text, reason text, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  owner constant uuid := (select c.tenant_id from kernel.sso_connection c where c.id = sso_turned_away.connection and c.ended_at is null);
  wanted text := left(sso_turned_away.reason, 200);
  whence inet := sso_turned_away.ip;
  agent  text := left(sso_turned_away.device, 500);
begin
  if owner is not null and (select count(*) from (select from kernel.refusal r where r.connection_id = connection and r.at > now() - interval '1 hour' limit 100) l) >= 100 then
    wanted := 'more than a hundred others';
    whence := null;
    agent := null;
  end if;
  if owner is not null then
    update kernel.refusal r set times = r.times + 1, at = clock_timestamp(), request_id = sso_turned_away.request_id, device = agent
     where r.id = (select o.id from kernel.refusal o
                    where o.connection_id = connection and o.at > now() - interval '1 hour' and o.door = sso_turned_away.door and o.reason = wanted
                      and o.ip is not distinct from whence order by o.id desc limit 1);
    if found then
      return;
    end if;
  end if;
  insert into kernel.refusal (reason, door, request_id, ip, device, tenant_id, connection_id)
  values (wanted, left(sso_turned_away.door, 200), sso_turned_away.request_id, whence, agent, owner, case when owner is not null then connection end);
end $$;

-- What a connection has opened and is still open, by the provider's names: one session there, or all of a subject. Internal.
create function kernel.sso_named(connection uuid, subject text, session text) returns table (credential_id uuid, person_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select c.id, c.person_id from kernel.sso_session s join kernel.credential c on c.id = s.credential_id
   where s.connection_id = sso_named.connection and s.session_digest = sha256(convert_to(sso_named.session, 'UTF8'))
     and (sso_named.subject is null or s.subject_digest = sha256(convert_to(sso_named.subject, 'UTF8'))) and c.ended_at is null
  union all
  select c.id, c.person_id from kernel.sso_session s join kernel.credential c on c.id = s.credential_id
   where sso_named.session is null and s.connection_id = sso_named.connection
     and s.subject_digest = sha256(convert_to(sso_named.subject, 'UTF8')) and c.ended_at is null;
end;

-- The person signed out at their provider (OpenID Connect Back-Channel Logout 1.0): ends what this connection opened for them there, and nothing
-- else of theirs. `subject` or `session` are as the door has read them in the provider's signed word, each null when not named; `token` is the
-- word's own name, good once. Answers how many ended; null for a word that was used.
create function kernel.sso_log_out(
  connection uuid, proof bytea, token text, until timestamptz, subject text, session text, request_id uuid, ip inet, device text
) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  through kernel.sso_connection;
  who     record;
  open_   uuid[];
  ended   integer := 0;
begin
  perform kernel.demand_sso_proof(connection, proof);
  select c.* into through from kernel.sso_connection c
   where c.id = sso_log_out.connection and c.kind = 'oidc' and c.state <> 'disabled' and c.ended_at is null;
  if through.id is null or num_nonnulls(subject, session) = 0 then
    raise exception 'not allowed' using errcode = 'RF403', hint = 'sso-proof';
  end if;
  if not kernel.sso_remember(connection, 'logout|' || token, until) then
    perform kernel.audit_sso(through.tenant_id, through.id, 'logout-refused', 'warning', null, 'identity provider', '{"reason": "used before"}', request_id, ip, device);
    return null;
  end if;
  for who in
    select distinct n.person_id from kernel.sso_named(through.id, subject, session) n order by n.person_id
  loop
    -- A sign-in that is just becoming a session is seen as one or the other.
    perform pg_advisory_xact_lock(kernel.person_lock(who.person_id));
    open_ := array(select n.credential_id from kernel.sso_named(through.id, subject, session) n where n.person_id = who.person_id);
    continue when cardinality(open_) = 0;
    ended := ended + kernel.end_credentials(open_, 'signed out at the provider');
    perform kernel.audit_sso(through.tenant_id, through.id, 'logout', 'info', who.person_id, null,
      jsonb_build_object('sessions', cardinality(open_), 'named', case when session is null then 'subject' else 'session' end), request_id, ip, device);
  end loop;
  return ended;
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

-- What somebody who is signed in, and outside of an organization of theirs, can do about it: whether they have a second factor to show, whether
-- this session is the word of the organization's provider, by which nobody adds one, and which of its providers may speak for them. RF404 where
-- they do not belong.
create function kernel.entrance(token_hash bytea, organization text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash, true);
  told    jsonb;
begin
  select jsonb_build_object('hasSecondFactor', p.second_factor_since is not null, 'byProvider', session.sso_tenant_id is not null,
           'connections', coalesce((select jsonb_agg(jsonb_build_object('id', w.id, 'name', w.name) order by w.signed_in_at desc nulls last, w.name, w.id)
              from (select c.id, c.name, i.signed_in_at from kernel.sso_connection c
                      left join kernel.sso_identity i on i.connection_id = c.id and i.person_id = p.id
                     where c.tenant_id = t.id and c.state = 'enabled' and c.ended_at is null
                       and (i.person_id is not null or kernel.sso_vouches(c, p.email, false))) w), '[]'))
    into told
    from kernel.tenant t
    join kernel.membership m on m.tenant_id = t.id and m.person_id = session.person_id and m.ended_at is null and (m.until is null or m.until > now())
    join kernel.person p on p.id = m.person_id
   where t.slug = entrance.organization and t.state = 'active' and t.id = coalesce(session.sso_tenant_id, t.id);
  if told is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  return told;
end $$;

grant execute on function
  kernel.entrance(bytea, text), kernel.sso_client(uuid), kernel.sso_begin(uuid, text, bytea, bytea, jsonb, integer), kernel.sso_take(uuid, text, bytea, bytea),
  kernel.sso_finish(uuid, text, bytea, bytea, jsonb, bytea, uuid, inet, text), kernel.sso_refuse(uuid, text, bytea, text, uuid, inet, text),
  kernel.sso_turned_away(uuid, text, text, uuid, inet, text), kernel.sso_discover(text), kernel.sso_log_out(uuid, bytea, text, timestamptz, text, text, uuid, inet, text)
  to rf_auth;
grant execute on function kernel.sso_begin_test(uuid, text, bytea, bytea, jsonb, integer) to rf_api;

-- What administrators see of a connection; nothing sealed. Internal.
create function kernel.sso_shown(connection kernel.sso_connection) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select jsonb_build_object(
    'id', (connection).id, 'kind', (connection).kind, 'name', (connection).name, 'state', (connection).state, 'settings', (connection).settings,
    'hasSecret', (connection).secret is not null, 'formerSecretUntil', case when (connection).former_until > now() then kernel.moment((connection).former_until) end,
    'domains', to_jsonb((connection).domains), 'provisions', (connection).provisions, 'defaultRoles', to_jsonb((connection).default_roles),
    'roleMap', (connection).role_map, 'followsGroups', (connection).follows_groups, 'asksSecondFactor', (connection).asks_second_factor, 'answers', (connection).answers,
    'version', (connection).version, 'createdAt', kernel.moment((connection).created_at), 'changedAt', kernel.moment((connection).changed_at),
    'people', (select count(*) from kernel.sso_identity i where i.connection_id = (connection).id),
    'turnedAway', (select coalesce(sum(r.times), 0) from kernel.refusal r where r.connection_id = (connection).id and r.at > now() - interval '1 day'),
    'lastSignInAt', (select kernel.moment(max(i.signed_in_at)) from kernel.sso_identity i where i.connection_id = (connection).id),
    'setupLinkUntil', (select kernel.moment(max(k.expires_at)) from kernel.ticket k
                        where k.tenant_id = (connection).tenant_id and k.purpose = 'sso-setup' and k.payload ->> 'connection' = (connection).id::text
                          and k.used_at is null and k.ended_at is null and k.expires_at > now()));
end;

create function kernel.sso_connections(wanted uuid default null) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
begin
  return (select coalesce(jsonb_agg(kernel.sso_shown(c) order by c.created_at, c.id), '[]')
            from kernel.sso_connection c where c.tenant_id = tenant and c.ended_at is null and (wanted is null or c.id = wanted));
end $$;

-- The live connection of the bound organization, locked for a change, or RF404. Whoever holds less than the member who answers
-- for it changes nothing: by a provider of their own they would come in as somebody above them. Internal.
create function kernel.sso_to_change(tenant uuid, connection uuid, expected integer) returns kernel.sso_connection language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was kernel.sso_connection;
begin
  select c.* into was from kernel.sso_connection c where c.id = sso_to_change.connection and c.tenant_id = tenant and c.ended_at is null for update;
  if was.id is null then
    raise exception 'no such connection' using errcode = 'RF404';
  end if;
  if expected is not null and was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  if not kernel.covers(kernel.held(), kernel.sso_ceiling(was)) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  return was;
end $$;

-- The id comes from outside, since the proof is sealed for that very row; one that was there before is refused.
create function kernel.create_sso_connection(connection uuid, kind text, name text, proof_sealed bytea, proof_digest bytea) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
begin
  perform from kernel.tenant t where t.id = tenant for no key update;
  if (select count(*) from kernel.sso_connection c where c.tenant_id = tenant and c.ended_at is null) >= 50 then
    raise exception 'fifty connections are the most' using errcode = 'RF409';
  end if;
  insert into kernel.sso_connection (tenant_id, id, kind, name, proof_sealed, proof_digest, answers)
  values (tenant, create_sso_connection.connection, create_sso_connection.kind, create_sso_connection.name,
          create_sso_connection.proof_sealed, create_sso_connection.proof_digest, kernel.bound_member());
  perform kernel.audit('create', 'sso-connection', connection, null,
    jsonb_build_object('kind', create_sso_connection.kind, 'name', create_sso_connection.name), 'warning');
  return connection;
end $$;

-- Puts new settings and a new secret in place. A secret that was entered for one provider is never sent to another: where the
-- address or the client changes, it is entered again. A new secret for the same client leaves the former one good for a day. Internal.
create function kernel.sso_resettle(was kernel.sso_connection, settings jsonb, new_secret bytea) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  moved constant boolean := exists (
    select from unnest('{issuer,clientId,tokenAuth,entityId,signOnUrl}'::text[]) k where sso_resettle.settings ->> k is distinct from (was).settings ->> k);
begin
  if moved and (was).state = 'enabled' then
    raise exception 'disable the connection before you point it elsewhere' using errcode = 'RF409';
  end if;
  -- SAML's own key is sent nowhere.
  if moved and (was).kind = 'oidc' and (was).secret is not null and new_secret is null then
    raise exception 'enter the secret again, since where it is sent has changed' using errcode = 'RF422', hint = 'secret';
  end if;
  update kernel.sso_connection c
     set settings = sso_resettle.settings, settled_at = now(), secret = coalesce(new_secret, c.secret),
         former_secret = case when moved and (was).kind = 'oidc' then null when new_secret is null then c.former_secret else c.secret end,
         former_until = case when moved and (was).kind = 'oidc' then null when new_secret is null then c.former_until when c.secret is not null then now() + interval '1 day' end
   where c.id = (was).id;
end $$;

-- Changes what is given; `wanted` has the names that kernel.sso_shown shows. Whoever changes it answers for it from then on.
create function kernel.change_sso_connection(connection uuid, wanted jsonb, new_secret bytea, expected integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    constant kernel.sso_connection := kernel.sso_to_change(tenant, connection, expected);
  given  text[];
  unknown_ text;
begin
  if wanted ? 'settings' or new_secret is not null then
    perform kernel.sso_resettle(was, coalesce(wanted -> 'settings', was.settings), new_secret);
  end if;
  given := array(select distinct x from (
    select jsonb_array_elements_text(wanted -> 'defaultRoles') as x
    union all select r from jsonb_array_elements(wanted -> 'roleMap') m cross join lateral jsonb_array_elements_text(m -> 'roles') r) g);
  if 'owner' = any (given) then
    raise exception 'an identity provider makes nobody an owner' using errcode = 'RF422', hint = 'roles';
  end if;
  if cardinality(given) > 0 then
    perform kernel.demand_grantable(tenant, given);
  end if;
  select x into unknown_ from jsonb_array_elements_text(wanted -> 'domains') x
   where not exists (select from kernel.domain d where d.tenant_id = tenant and d.name = x and d.ended_at is null) limit 1;
  if unknown_ is not null then
    raise exception 'add the domain to the organization first' using errcode = 'RF422', hint = 'domains';
  end if;
  update kernel.sso_connection c
     set name = coalesce(wanted ->> 'name', c.name),
         domains = case when wanted ? 'domains' then array(select jsonb_array_elements_text(wanted -> 'domains')) else c.domains end,
         provisions = coalesce((wanted ->> 'provisions')::boolean, c.provisions),
         default_roles = case when wanted ? 'defaultRoles' then array(select jsonb_array_elements_text(wanted -> 'defaultRoles')) else c.default_roles end,
         role_map = coalesce(wanted -> 'roleMap', c.role_map), follows_groups = coalesce((wanted ->> 'followsGroups')::boolean, c.follows_groups),
         asks_second_factor = coalesce((wanted ->> 'asksSecondFactor')::boolean, c.asks_second_factor),
         answers = kernel.bound_member(), version = c.version + 1, changed_at = now()
   where c.id = was.id;
  perform kernel.audit('change', 'sso-connection', was.id,
    (select jsonb_object_agg(k, s -> k) from jsonb_object_keys(wanted) k, kernel.sso_shown(was) s),
    wanted || case when new_secret is null then '{}'::jsonb else '{"secret": "replaced"}' end,
    case when (wanted ->> 'asksSecondFactor')::boolean is distinct from was.asks_second_factor and wanted ? 'asksSecondFactor' then 'critical' else 'warning' end);
  if was.asks_second_factor and (wanted ->> 'asksSecondFactor')::boolean is false then
    -- What counted by that word alone counts no longer, from the next request on.
    with lost as (
      update kernel.credential k set second_factor_at = null
        from kernel.sso_session s where s.connection_id = was.id and s.assumed and k.id = s.credential_id and k.ended_at is null returning k.id)
    delete from kernel.pass p using lost l where p.credential_id = l.id;
  end if;
  return was.version + 1;
end $$;

-- Why a connection cannot be switched on, or null. Without what its answers are checked by it stays off. Internal.
create function kernel.sso_unready(connection kernel.sso_connection) returns text language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select case (connection).kind
    when 'oidc' then case when (connection).settings ->> 'issuer' is null or (connection).settings ->> 'clientId' is null then 'it has no issuer and client yet'
                          when (connection).secret is null then 'it has no secret yet' end
    else case when (connection).settings ->> 'entityId' is null or (connection).settings ->> 'signOnUrl' is null then 'it has no entity id and address yet'
              when jsonb_typeof((connection).settings -> 'certificates') is distinct from 'array' or (connection).settings -> 'certificates' = '[]'
                then 'it has no certificate yet'
              when (connection).secret is null then 'it has no key yet' end
  end;
end;

-- Ends what a connection has opened: sessions of the people who come by it, and sign-ins under way. Internal.
create function kernel.sso_end_sessions(connection kernel.sso_connection, person uuid, why text) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  open_ uuid[];
begin
  update kernel.ticket k set ended_at = now()
   where k.tenant_id = (connection).tenant_id and k.purpose in ('oidc-state', 'saml-request', 'assertion', 'sso-setup')
     and k.payload ->> 'connection' = (connection).id::text and k.ended_at is null and person is null;
  select array_agg(c.id) into open_ from kernel.credential c
   where c.sso_tenant_id = (connection).tenant_id and c.ended_at is null
     and c.person_id in (select i.person_id from kernel.sso_identity i where i.connection_id = (connection).id)
     and (sso_end_sessions.person is null or c.person_id = sso_end_sessions.person);
  return case when open_ is null then 0 else kernel.end_credentials(open_, why) end;
end $$;

-- Raises when single sign-on is demanded and this is the last way in by it. Internal.
create function kernel.demand_other_sso(tenant uuid, connection uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if (select t.sso_enforced from kernel.tenant t where t.id = tenant for no key update) and not exists (
       select from kernel.sso_connection c
        where c.tenant_id = tenant and c.id <> demand_other_sso.connection and c.state = 'enabled' and c.ended_at is null) then
    raise exception 'single sign-on is demanded, and this is the last way in by it' using errcode = 'RF409', hint = 'sso-enforced';
  end if;
end $$;

-- Switches a connection on or off. Off, its sessions end before this returns; the caller's own too, which so is the last thing.
create function kernel.set_sso_state(connection uuid, wanted text, expected integer) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    constant kernel.sso_connection := kernel.sso_to_change(tenant, connection, expected);
begin
  if wanted not in ('enabled', 'disabled') then
    raise exception 'a connection is enabled or disabled' using errcode = 'RF422', hint = 'state';
  end if;
  if wanted = 'enabled' and kernel.sso_unready(was) is not null then
    raise exception '%', kernel.sso_unready(was) using errcode = 'RF409', hint = 'sso-unready';
  end if;
  if wanted = 'disabled' and was.state = 'enabled' then
    perform kernel.demand_other_sso(tenant, was.id);
  end if;
  update kernel.sso_connection c set state = wanted, version = c.version + 1, changed_at = now(), answers = kernel.bound_member() where c.id = was.id;
  perform kernel.audit('change', 'sso-connection', was.id, jsonb_build_object('state', was.state), jsonb_build_object('state', wanted), 'warning');
  update kernel.ticket k set ended_at = now()
   where k.tenant_id = tenant and k.purpose = 'sso-setup' and k.payload ->> 'connection' = was.id::text and k.ended_at is null;
  if wanted = 'disabled' then
    perform kernel.sso_end_sessions(was, null, 'single sign-on was switched off');
  end if;
  return was.version + 1;
end $$;

-- Ends a connection for good, and where that is wanted the memberships that it made, of people who come by no other. Two hundred people in one
-- transaction: PostgreSQL has no room for the locks of thousands, nor a binding the time; while there is more, whoever asks asks again. Nobody
-- comes by it from the first one on. What is interrupted goes on when it is ended again.
create function kernel.end_sso_connection(connection uuid, off_board boolean, out off_boarded integer, out more boolean)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant  constant uuid := kernel.demand('security.change');
  was     constant kernel.sso_connection := kernel.sso_to_change(tenant, connection, null);
  self    constant uuid := kernel.bound_member();
  at_once constant integer := 200;
  leavers uuid[] := '{}';
begin
  perform kernel.demand_other_sso(tenant, was.id);
  if off_board then
    perform kernel.demand('member.change');
    leavers := array(
      select m.id from kernel.sso_identity i join kernel.membership m on m.tenant_id = i.tenant_id and m.id = i.member_id
       where i.connection_id = was.id and i.provisioned and m.ended_at is null and m.id <> self and not 'owner' = any (m.roles)
         and not exists (select from kernel.sso_identity o join kernel.sso_connection c on c.id = o.connection_id
                          where o.person_id = i.person_id and o.tenant_id = tenant and o.connection_id <> was.id and c.state = 'enabled' and c.ended_at is null)
       order by m.id);
    -- Of all of them before anybody leaves.
    perform kernel.demand_grantable(tenant, r.roles) from (select distinct m.roles from kernel.membership m where m.tenant_id = tenant and m.id = any (leavers)) r;
  end if;
  more := cardinality(leavers) > at_once;
  update kernel.sso_connection c
     set ended_at = case when not more then now() end, state = 'disabled', secret = null, former_secret = null, former_until = null,
         version = c.version + 1, changed_at = now()
   where c.id = was.id;
  perform kernel.audit('end', 'member', g.id, jsonb_build_object('roles', to_jsonb(g.roles)), '{"why": "single sign-on lapsed"}', 'warning')
     from kernel.off_board_all(tenant, leavers[:at_once], 'single sign-on lapsed') g;
  off_boarded := least(cardinality(leavers), at_once);
  if more then
    return;
  end if;
  perform kernel.audit('end', 'sso-connection', was.id, jsonb_build_object('name', was.name), jsonb_build_object('offBoard', off_board), 'warning');
  perform kernel.sso_end_sessions(was, null, 'single sign-on was ended');
end $$;

create function kernel.sso_people(connection uuid) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('memberId', i.member_id, 'name', p.name, 'email', p.email, 'asserted', i.email, 'subject', i.subject,
                   'provisioned', i.provisioned, 'signedInAt', kernel.moment(i.signed_in_at)) order by i.signed_in_at desc), '[]')
            from (select i.* from kernel.sso_identity i where i.tenant_id = tenant and i.connection_id = sso_people.connection
                   order by i.signed_in_at desc limit 500) i
            join kernel.person p on p.id = i.person_id);
end $$;

-- What came to its doors of late and belongs to no sign-in that was begun here: the newest two hundred.
create function kernel.sso_refusals(connection uuid) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('at', kernel.moment(r.at), 'door', r.door, 'reason', r.reason, 'times', r.times, 'ip', host(r.ip),
                   'device', r.device, 'requestId', r.request_id) order by r.at desc, r.id desc), '[]')
            from (select o.* from kernel.refusal o where o.tenant_id = tenant and o.connection_id = sso_refusals.connection
                   order by o.at desc, o.id desc limit 200) r);
end $$;

-- Forgets who somebody at the provider was here, so that another account there can take their place.
create function kernel.unlink_sso_person(connection uuid, member uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    constant kernel.sso_connection := kernel.sso_to_change(tenant, connection, null);
  person uuid;
begin
  select i.person_id into person from kernel.sso_identity i where i.connection_id = was.id and i.member_id = unlink_sso_person.member;
  if person is null then
    raise exception 'no such person at this connection' using errcode = 'RF404';
  end if;
  perform kernel.audit('unlink', 'sso-connection', was.id, jsonb_build_object('member', member), null, 'warning');
  perform kernel.sso_end_sessions(was, person, 'unlinked');
  delete from kernel.sso_identity i where i.connection_id = was.id and i.person_id = person;
end $$;

-- How long a verified domain still counts after its record was found to be gone: a mistake at DNS is noticed and mended by then.
create function kernel.domain_grace() returns interval language sql immutable parallel safe return interval '7 days';

create function kernel.domains() returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name, 'token', d.token, 'verifiedAt', kernel.moment(d.verified_at),
                   'checkedAt', kernel.moment(d.checked_at), 'missingSince', kernel.moment(d.missing_since),
                   'verifiedUntil', kernel.moment(d.missing_since + kernel.domain_grace()), 'createdAt', kernel.moment(d.created_at)) order by d.name), '[]')
            from kernel.domain d where d.tenant_id = tenant and d.ended_at is null);
end $$;

-- Adding what is there already changes nothing, its token least of all.
create function kernel.add_domain(name text, token text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  made   uuid;
begin
  if (select count(*) from kernel.domain d where d.tenant_id = tenant and d.ended_at is null) >= 100 then
    raise exception 'a hundred domains are the most' using errcode = 'RF409';
  end if;
  insert into kernel.domain (tenant_id, name, token) values (tenant, add_domain.name, add_domain.token) on conflict do nothing returning id into made;
  if made is null then
    return (select d.id from kernel.domain d where d.tenant_id = tenant and d.name = add_domain.name and d.ended_at is null);
  end if;
  perform kernel.audit('create', 'domain', made, null, jsonb_build_object('name', add_domain.name), 'notice');
  return made;
end $$;

-- What the clock's and everybody else's checks of a domain write into its organization's trail, and have its owners told. Internal.
create function kernel.domain_news(domain kernel.domain, what text, severity text) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity, after)
  values ((domain).tenant_id, 'system', 'domain-' || what, 'domain', (domain).id, severity, jsonb_strip_nulls(jsonb_build_object('name', (domain).name,
          'until', case what when 'missing' then kernel.moment(now() + kernel.domain_grace()) end)));
  insert into kernel.job (tenant_id, kind, payload, actor_email)
  values ((domain).tenant_id, 'sso.domain-news', jsonb_build_object('what', what, 'domain', (domain).name, 'until', kernel.moment(now() + kernel.domain_grace())), 'system')
$$;

-- Looks for a domain of an organization again soon, unless that was done within the hour. Internal.
create function kernel.look_again(domain kernel.domain) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.domain d set due_at = now()
   where d.tenant_id = (domain).tenant_id and d.id = (domain).id and coalesce(d.checked_at, '-infinity') < now() - interval '1 hour';
  insert into kernel.job (tenant_id, kind, payload, actor_email)
  select (domain).tenant_id, 'sso.domains', '{}', 'system'
   where coalesce((domain).checked_at, '-infinity') < now() - interval '1 hour'
     and not exists (select from kernel.job j where j.tenant_id = (domain).tenant_id and j.kind = 'sso.domains' and j.state in ('waiting', 'running') and j.run_at <= now())
$$;

-- Notes what DNS said of a domain, whoever asked: a record that is gone takes the verification away only when it still is after the
-- grace. Until then all stays as it is for members, and nobody new is taken in (kernel.sso_vouches). Another organization that shows the same
-- domain to be its own waits while this one's record is there, and for a day after it went: one false answer of DNS moves no domain.
--
-- Answers `verified`, `found`, `absent`, `missing`, `withdrawn` or `contested`. Internal.
create function kernel.note_record(was kernel.domain, there boolean) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  said   text;
  holder kernel.domain;
begin
  if there and (was).verified_at is null then
    select d.* into holder from kernel.domain d
     where d.name = (was).name and d.tenant_id <> (was).tenant_id and d.verified_at is not null and d.ended_at is null for update;
    if holder.missing_since <= now() - interval '1 day' then
      update kernel.domain d set verified_at = null, missing_since = null, lost_at = now() where d.tenant_id = holder.tenant_id and d.id = holder.id;
      perform kernel.domain_news(holder, 'taken', 'critical');
    elsif holder.id is not null then
      perform kernel.look_again(holder);
      return 'contested';
    end if;
  end if;
  said := case when there and (was).verified_at is null then 'verified' when there then 'found' when (was).verified_at is null then 'absent'
               when (was).missing_since <= now() - kernel.domain_grace() then 'withdrawn' else 'missing' end;
  update kernel.domain d
     set checked_at = now(), unanswered = 0,
         -- A little less than a day, so that the next day's look finds it due.
         due_at = now() + interval '22 hours',
         verified_at = case when said = 'verified' then now() when said = 'withdrawn' then null else d.verified_at end,
         missing_since = case when said = 'missing' then coalesce(d.missing_since, now()) end,
         lost_at = case when said = 'withdrawn' then now() else d.lost_at end
   where d.tenant_id = (was).tenant_id and d.id = (was).id;
  if said = 'verified' then
    -- Of those that have removed it themselves too: it was theirs still, until now.
    update kernel.domain d set lost_at = case when d.tenant_id <> (was).tenant_id then now() end
     where d.name = (was).name and case when d.tenant_id = (was).tenant_id then d.lost_at is not null else d.lost_at is null and d.verified_at is not null end;
  end if;
  if said = 'withdrawn' then
    perform kernel.domain_news(was, said, 'critical');
  elsif said = 'missing' and (was).missing_since is null then
    perform kernel.domain_news(was, said, 'warning');
  elsif said = 'found' and (was).missing_since is not null then
    perform kernel.domain_news(was, said, 'notice');
  end if;
  return said;
exception when unique_violation then
  return 'contested';
end $$;

-- The same for somebody who has just had DNS asked.
create function kernel.settle_domain(domain uuid, there boolean) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    kernel.domain;
  said   text;
begin
  select d.* into was from kernel.domain d where d.tenant_id = tenant and d.id = settle_domain.domain and d.ended_at is null for update;
  if was.id is null then
    raise exception 'no such domain' using errcode = 'RF404';
  end if;
  said := kernel.note_record(was, there);
  if said = 'verified' then
    perform kernel.audit('change', 'domain', was.id, '{"verified": false}', jsonb_build_object('name', was.name, 'verified', true), 'warning');
  end if;
  return said;
end $$;

-- Verified domains of the bound organization that are due for another look.
create function kernel.domains_due() returns table (id uuid, name text, token text) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  return query
  select d.id, d.name, d.token from kernel.domain d
   where d.tenant_id = tenant and d.verified_at is not null and d.ended_at is null and d.due_at <= now() order by d.due_at, d.id limit 100;
end $$;

-- What DNS said when a job looked again; null where it did not answer, which takes nothing away: the next look is after 15 minutes, and each
-- after twice as long, a day at most. Does nothing where somebody else has looked meanwhile.
create function kernel.resettle_domain(domain uuid, there boolean) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
  was    kernel.domain;
begin
  select d.* into was from kernel.domain d
   where d.tenant_id = tenant and d.id = resettle_domain.domain and d.verified_at is not null and d.ended_at is null and d.due_at <= now() for update;
  if was.id is null then
    return null;
  end if;
  if there is not null then
    return kernel.note_record(was, there);
  end if;
  update kernel.domain d
     set unanswered = d.unanswered + 1, due_at = now() + least(interval '15 minutes' * 2 ^ least(d.unanswered, 10), interval '22 hours')
   where d.tenant_id = tenant and d.id = was.id;
  return 'unanswered';
end $$;

-- Has the domains whose name servers did not answer looked for again before the next day's look.
create function kernel.look_at_domains_again() returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  insert into kernel.job (tenant_id, kind, payload, actor_email, run_at)
  select tenant, 'sso.domains', '{}', 'system', due.at
    from (select min(d.due_at) as at from kernel.domain d
           where d.tenant_id = tenant and d.verified_at is not null and d.ended_at is null and d.unanswered > 0) due
   where due.at < now() + interval '20 hours'
     and not exists (select from kernel.job j where j.tenant_id = tenant and j.kind = 'sso.domains' and j.state = 'waiting');
end $$;

-- What a letter about a domain must say of its organization: whether single sign-on is demanded, and by which connections people come in
-- who are no longer shown the way by their address.
create function kernel.ways_by_sso() returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  return jsonb_build_object(
    'enforced', (select t.sso_enforced from kernel.tenant t where t.id = tenant),
    'connections', (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) order by c.name, c.id), '[]')
                      from kernel.sso_connection c where c.tenant_id = tenant and c.state = 'enabled' and c.ended_at is null));
end $$;

create function kernel.end_domain(domain uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    kernel.domain;
begin
  update kernel.domain d set ended_at = now() where d.tenant_id = tenant and d.id = end_domain.domain and d.ended_at is null returning d.* into was;
  if was.id is null then
    raise exception 'no such domain' using errcode = 'RF404';
  end if;
  perform kernel.audit('end', 'domain', was.id, jsonb_build_object('name', was.name), null, 'warning');
end $$;

-- Whether single sign-on is demanded, who gets in all the same, and which API keys stay.
create function kernel.sso_enforcement() returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
begin
  return (select jsonb_build_object('enforced', t.sso_enforced,
    'breakGlass', (select coalesce(jsonb_agg(jsonb_build_object('memberId', m.id, 'name', p.name, 'email', p.email, 'secondFactor', p.second_factor_since is not null)
                            order by p.name), '[]')
                     from kernel.membership m join kernel.person p on p.id = m.person_id
                    where m.tenant_id = tenant and m.break_glass and m.ended_at is null),
    'keys', (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'hint', c.hint, 'owner', p.email) order by c.created_at), '[]')
               from kernel.credential c join kernel.person p on p.id = c.person_id
              where c.tenant_id = tenant and c.kind = 'key' and c.ended_at is null and (c.expires_at is null or c.expires_at > now())))
    from kernel.tenant t where t.id = tenant);
end $$;

-- Whether an owner with a second factor, other than this one, gets in without single sign-on. Internal.
create function kernel.break_glass_left(tenant uuid, but uuid) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select exists (
    select from kernel.membership m join kernel.person p on p.id = m.person_id and p.ended_at is null and p.second_factor_since is not null
     where m.tenant_id = break_glass_left.tenant and m.break_glass and m.ended_at is null and 'owner' = any (m.roles)
       and m.person_id is distinct from break_glass_left.but);
end;

-- Raises where single sign-on is demanded and nobody else would get in without it. The lock has two who are taken away at once take
-- turns, and waits for a demand that is just being made. Internal.
create function kernel.demand_break_glass_left(tenant uuid, but uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'change owners only under READ COMMITTED' using errcode = '42501';
  end if;
  perform from kernel.tenant t where t.id = tenant for no key update;
  if (select t.sso_enforced and t.state <> 'closed' from kernel.tenant t where t.id = tenant) and not kernel.break_glass_left(tenant, but) then
    raise exception 'the last owner who gets in without single sign-on stays' using errcode = 'RF409', hint = 'sso-break-glass';
  end if;
end $$;

-- Whatever takes such an owner away: another role, off-boarding, or the mark itself.
create function kernel.keep_break_glass() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.demand_break_glass_left(old.tenant_id, old.person_id);
  return null;
end $$;
create trigger keep_break_glass_update after update on kernel.membership for each row
  when (old.break_glass and 'owner' = any (old.roles) and old.ended_at is null
        and (not new.break_glass or 'owner' <> all (new.roles) or new.ended_at is not null or new.tenant_id <> old.tenant_id or new.person_id <> old.person_id))
  execute function kernel.keep_break_glass();
create trigger keep_break_glass_delete after delete on kernel.membership for each row
  when (old.break_glass and 'owner' = any (old.roles) and old.ended_at is null) execute function kernel.keep_break_glass();

-- The same before somebody's last factor is taken away. Internal.
create function kernel.keep_break_glass_factor(person uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.demand_break_glass_left(m.tenant_id, m.person_id) from kernel.membership m
   where m.person_id = keep_break_glass_factor.person and m.break_glass and m.ended_at is null and 'owner' = any (m.roles) order by m.tenant_id;
end $$;

-- Demands that members come by single sign-on, or no longer does. Either closes for good what was opened till then without the provider, but
-- for owners who get in beside it: the demand is made because such sessions are not trusted, and they would come to life again with its end. Only somebody who just came through a connection as it is now, by
-- trying it out or signing in, may switch it on, and only where an owner with a second factor gets in without it: else the
-- organization could lock itself out.
create function kernel.enforce_sso(wanted boolean) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  person constant uuid := (kernel.verified())[5]::uuid;
  was    boolean;
begin
  select t.sso_enforced into was from kernel.tenant t where t.id = tenant for no key update;
  if wanted and not exists (
       select from kernel.sso_identity i join kernel.sso_connection c on c.id = i.connection_id
        where c.tenant_id = tenant and c.state = 'enabled' and c.ended_at is null and i.person_id = person
          and i.signed_in_at >= c.settled_at and i.signed_in_at > now() - interval '1 day') then
    raise exception 'try a connection out yourself first, as it is now' using errcode = 'RF409', hint = 'sso-untried';
  end if;
  if wanted and not kernel.break_glass_left(tenant, null) then
    raise exception 'name an owner with a second factor who gets in without it first' using errcode = 'RF409', hint = 'sso-break-glass';
  end if;
  if was = wanted then
    return;
  end if;
  update kernel.tenant t set sso_enforced = wanted, sso_closed_at = clock_timestamp(), version = t.version + 1 where t.id = tenant;
  perform kernel.audit('change', 'organization', tenant, jsonb_build_object('ssoEnforced', was), jsonb_build_object('ssoEnforced', wanted), 'critical');
end $$;

-- Lets an owner in without single sign-on, for the day on which the provider is down, or no longer.
create function kernel.set_break_glass(member uuid, wanted boolean) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    kernel.membership;
begin
  select m.* into was from kernel.membership m where m.tenant_id = tenant and m.id = set_break_glass.member and m.ended_at is null for update;
  if was.id is null then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  -- An owner's doing: an admin neither gives themselves this way in nor takes it from somebody above them.
  perform kernel.demand_grantable(tenant, was.roles);
  if wanted and not ('owner' = any (was.roles) and exists (select from kernel.person p where p.id = was.person_id and p.second_factor_since is not null)) then
    raise exception 'only an owner with a second factor' using errcode = 'RF409', hint = 'sso-break-glass';
  end if;
  if was.break_glass = wanted then
    return;
  end if;
  update kernel.membership m set break_glass = wanted, version = m.version + 1 where m.tenant_id = tenant and m.id = was.id;
  perform kernel.audit('change', 'member', was.id, jsonb_build_object('breakGlass', was.break_glass), jsonb_build_object('breakGlass', wanted), 'critical');
end $$;

-- A session that gets into an organization past its single sign-on: critical in its trail, and a job that tells its owners. Internal.
create function kernel.note_break_glass(person uuid, session uuid, ip inet, device text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  way record;
begin
  for way in
    select m.tenant_id, m.id as member, p.email, p.name from kernel.membership m join kernel.tenant t on t.id = m.tenant_id join kernel.person p on p.id = m.person_id
     where m.person_id = note_break_glass.person and m.ended_at is null and m.break_glass and 'owner' = any (m.roles) and t.sso_enforced and t.state = 'active'
  loop
    insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, ip, device, action, resource_type, resource_id, severity, after)
    values (way.tenant_id, note_break_glass.person, way.email, session, note_break_glass.ip, left(note_break_glass.device, 500), 'break-glass', 'member', way.member, 'critical',
            '{"why": "signed in without single sign-on"}');
    insert into kernel.job (tenant_id, kind, payload, actor_email)
    values (way.tenant_id, 'sso.break-glass', jsonb_build_object('name', way.name, 'email', way.email, 'ip', host(note_break_glass.ip), 'at', kernel.moment(now())), 'system');
  end loop;
end $$;

-- The owners of the bound organization, whom a job tells.
create function kernel.owners_to_tell() returns table (email text, name text, organization text) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  return query
  select p.email, p.name, t.name from kernel.membership m join kernel.person p on p.id = m.person_id join kernel.tenant t on t.id = m.tenant_id
   where m.tenant_id = tenant and m.ended_at is null and 'owner' = any (m.roles) and p.ended_at is null order by p.email;
end $$;

create function kernel.tell_owner(mail_id uuid, address text, subject text, purpose text, sealed_body bytea) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  if not exists (select from kernel.owners_to_tell() o where o.email = address) or purpose not in ('break-glass', 'certificate', 'domain') then
    raise exception 'not an owner' using errcode = '42501';
  end if;
  perform kernel.queue_mail(tenant, mail_id, address, tell_owner.subject, tell_owner.purpose, sealed_body);
end $$;

-- A link by which somebody outside, who runs the customer's identity provider, sets up one draft and nothing else. An older one dies.
create function kernel.open_sso_setup(connection uuid, ticket_hash bytea) returns timestamptz language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  was    constant kernel.sso_connection := kernel.sso_to_change(tenant, connection, null);
begin
  if was.state <> 'draft' then
    raise exception 'only a draft can be set up by a link' using errcode = 'RF409';
  end if;
  update kernel.ticket k set ended_at = now()
   where k.tenant_id = tenant and k.purpose = 'sso-setup' and k.payload ->> 'connection' = was.id::text and k.used_at is null and k.ended_at is null;
  insert into kernel.ticket (digest, purpose, tenant_id, payload, invited_by, expires_at)
  values (kernel.ticket_digest('sso-setup', ticket_hash), 'sso-setup', tenant, jsonb_build_object('connection', was.id), kernel.hands_of(),
          now() + interval '7 days');
  perform kernel.audit('invite', 'sso-connection', was.id, null, '{"what": "setup link"}', 'warning');
  return now() + interval '7 days';
end $$;

-- The draft that a live setup link is for, locked, or RF403: as long as whoever made the link may change such things themselves. Internal.
create function kernel.sso_draft(ticket_hash bytea) returns kernel.sso_connection language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  draft kernel.sso_connection;
begin
  select c.* into draft from kernel.ticket k
    join kernel.sso_connection c on c.tenant_id = k.tenant_id and c.id::text = k.payload ->> 'connection' and c.state = 'draft' and c.ended_at is null
    join kernel.tenant t on t.id = c.tenant_id and t.state = 'active'
    join kernel.membership m on m.tenant_id = k.tenant_id and m.person_id = k.invited_by and m.ended_at is null and 'security.change' = any (m.permissions)
   where k.digest = kernel.ticket_digest('sso-setup', ticket_hash) and k.purpose = 'sso-setup'
     and k.used_at is null and k.ended_at is null and k.expires_at > now()
     for update of c;
  if draft.id is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return draft;
end $$;

-- What the holder of a setup link sees: the draft alone, and the organization's name.
create function kernel.sso_setup(ticket_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  draft constant kernel.sso_connection := kernel.sso_draft(ticket_hash);
begin
  return jsonb_build_object('id', draft.id, 'kind', draft.kind, 'name', draft.name, 'settings', draft.settings, 'hasSecret', draft.secret is not null,
    'version', draft.version, 'organization', (select t.name from kernel.tenant t where t.id = draft.tenant_id));
end $$;

-- What the door needs in order to seal the draft's secret.
create function kernel.sso_setup_keys(ticket_hash bytea, out tenant_id uuid, out connection uuid, out keys jsonb) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  draft constant kernel.sso_connection := kernel.sso_draft(ticket_hash);
begin
  tenant_id := draft.tenant_id;
  connection := draft.id;
  keys := (select jsonb_agg(jsonb_build_object('id', k.id, 'wrapped', encode(k.wrapped, 'base64')) order by k.id desc)
             from kernel.tenant_key k where k.tenant_id = draft.tenant_id);
end $$;

create function kernel.change_sso_setup(
  ticket_hash bytea, settings jsonb, new_secret bytea, expected integer, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  draft constant kernel.sso_connection := kernel.sso_draft(ticket_hash);
begin
  if draft.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  perform kernel.sso_resettle(draft, settings, new_secret);
  update kernel.sso_connection c set version = c.version + 1, changed_at = now() where c.id = draft.id;
  perform kernel.audit_sso(draft.tenant_id, draft.id, 'change', 'warning', null, 'setup link',
    jsonb_build_object('settings', settings) || case when new_secret is null then '{}'::jsonb else '{"secret": "replaced"}' end, request_id, ip, device);
end $$;

-- Says that the draft is ready; the link dies with it. Switching on stays with the organization's own people.
create function kernel.finish_sso_setup(ticket_hash bytea, request_id uuid, ip inet, device text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  draft constant kernel.sso_connection := kernel.sso_draft(ticket_hash);
begin
  if kernel.sso_unready(draft) is not null then
    raise exception '%', kernel.sso_unready(draft) using errcode = 'RF409', hint = 'sso-unready';
  end if;
  perform kernel.redeem(ticket_hash, 'sso-setup');
  perform kernel.audit_sso(draft.tenant_id, draft.id, 'finish', 'warning', null, 'setup link', null, request_id, ip, device);
end $$;

grant execute on function
  kernel.sso_connections(uuid), kernel.create_sso_connection(uuid, text, text, bytea, bytea), kernel.change_sso_connection(uuid, jsonb, bytea, integer),
  kernel.set_sso_state(uuid, text, integer), kernel.end_sso_connection(uuid, boolean), kernel.sso_people(uuid), kernel.sso_refusals(uuid), kernel.unlink_sso_person(uuid, uuid),
  kernel.domains(), kernel.add_domain(text, text), kernel.settle_domain(uuid, boolean), kernel.end_domain(uuid),
  kernel.sso_enforcement(), kernel.enforce_sso(boolean), kernel.set_break_glass(uuid, boolean), kernel.open_sso_setup(uuid, bytea)
  to rf_api;
grant execute on function
  kernel.sso_setup(bytea), kernel.sso_setup_keys(bytea), kernel.change_sso_setup(bytea, jsonb, bytea, integer, uuid, inet, text),
  kernel.finish_sso_setup(bytea, uuid, inet, text)
  to rf_auth;
grant execute on function
  kernel.owners_to_tell(), kernel.tell_owner(uuid, text, text, text, bytea), kernel.domains_due(), kernel.resettle_domain(uuid, boolean),
  kernel.look_at_domains_again(), kernel.ways_by_sso()
  to rf_worker;
