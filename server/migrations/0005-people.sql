-- Sign-in, sessions and organizations of a person. rf_auth calls these; each takes the proof (a token, a ticket, what was
-- derived from a password) and judges it itself, so that the door's own password signs nobody in.

set local role rf_kernel;

-- The live session behind a token, or RF401. One that a single organization's identity provider vouched for speaks for the
-- person in that organization only, not for the person: RF403 where that is not enough. Internal.
create function kernel.live_session(token_hash bytea, confined_too boolean default false) returns kernel.credential language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session kernel.credential;
begin
  perform kernel.demand_fresh_transaction();
  perform pg_advisory_xact_lock_shared(kernel.credential_lock(sha256(token_hash)));
  select c.* into session from kernel.credential c join kernel.person p on p.id = c.person_id
   where c.digest = sha256(token_hash) and c.kind = 'session' and c.ended_at is null and p.ended_at is null
     and (c.expires_at is null or c.expires_at > now())
     and (c.idle_seconds is null or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now());
  if session.id is null then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
  if session.sso_tenant_id is not null and not confined_too then
    raise exception 'sign in again' using errcode = 'RF403';
  end if;
  return session;
end $$;

-- Waits until every transaction that holds one of these locks is over. One that takes longer than two seconds is not
-- waited for but ended, where the platform lets us: whoever holds it could otherwise keep a revoke from happening. Internal.
create function kernel.outwait(locks bigint[]) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s' as $$
declare
  wanted bigint;
begin
  -- In one order, so that two of these cannot wait for each other.
  for wanted in select distinct l from unnest(locks) l order by 1 loop
    begin
      perform pg_advisory_xact_lock(wanted);
    exception when lock_not_available then
      perform kernel.end_holders(wanted);
      begin
        perform pg_advisory_xact_lock(wanted);
      exception when lock_not_available then
        null;
      end;
    end;
  end loop;
end $$;

-- Internal: what outwait does when waiting has not helped. Where it may not end them, their next statement fails all the
-- same, since a binding is only as alive as its credential.
create function kernel.end_holders(held bigint) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_terminate_backend(l.pid, 2000)
     from pg_locks l join pg_database d on d.oid = l.database
    where l.locktype = 'advisory' and d.datname = current_database() and l.objsubid = 1 and l.granted and l.pid <> pg_backend_pid()
      and l.classid::bigint = (held >> 32) & 4294967295 and l.objid::bigint = held & 4294967295;
exception when insufficient_privilege then
  null;
end $$;

-- Waits for what is under way by these credentials, and lets nothing new begin by them until the end of the transaction. PostgreSQL has no room for
-- a lock on each of thousands: of more than five hundred that is so for those that were used last, and others are waited for where somebody is in.
-- What ran out two minutes ago is in nobody's hands any more. Internal.
create function kernel.outwait_credentials(ids uuid[]) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
begin
  perform kernel.outwait(array(
    select w.lock
      from (select kernel.credential_lock(c.digest) as lock, row_number() over (order by coalesce(c.last_seen_at, c.created_at) desc) as nth
              from kernel.credential c where c.id = any (ids) and coalesce(c.expires_at > now() - interval '2 min', true)) w
     where w.nth <= 500
        or w.lock in (select l.classid::bigint << 32 | l.objid::bigint
                        from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
                       where l.locktype = 'advisory' and l.objsubid = 1)));
end $$;

-- Ends credentials with all that stands on them (the tokens of a session, or of a family of tokens), and returns only when no
-- transaction of theirs can answer any more. Counts what was named, not what went with it. Internal.
create function kernel.end_credentials(ids uuid[], why text) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- By the indexes of what is asked for, whatever a plan from a session's first days would say; `ended_at is null` would lead into
-- those of all that live.
set enable_seqscan = off as $$
declare
  wanted uuid[];
  closed integer;
  ended  integer := 0;
begin
  -- More than once, since what was waited for may just have made another token of a session.
  loop
    wanted := array(
      select c.id from kernel.credential c where c.id = any (ids) and num_nulls(c.ended_at) = 1
      union select c.id from kernel.credential c where c.parent_id = any (ids) and num_nulls(c.ended_at) = 1
      union select c.id from kernel.credential c where c.family_id = any (ids) and num_nulls(c.ended_at) = 1);
    exit when cardinality(wanted) = 0;
    perform kernel.outwait_credentials(wanted);
    with gone as (
      update kernel.credential c set ended_at = now(), ended_why = why where c.id = any (wanted) and num_nulls(c.ended_at) = 1 returning c.id)
    select count(*) filter (where g.id = any (ids)) into closed from gone g;
    ended := ended + closed;
  end loop;
  return ended;
end $$;

-- Writes an event of a person's own doing into the trail of each organization that the person belongs to. `after` says by what,
-- or why not. Internal.
create function kernel.audit_person(
  person uuid, credential uuid, action text, severity text, request_id uuid, ip inet, device text, after jsonb default null
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  select m.tenant_id, p.id, p.email, credential, audit_person.request_id, audit_person.ip, left(audit_person.device, 500), action, 'session', credential, severity,
         audit_person.after
    from kernel.membership m join kernel.person p on p.id = m.person_id
   where m.person_id = person and m.ended_at is null and m.until is null
     -- What one organization's provider opened is no other's business.
     and m.tenant_id = coalesce((select c.sso_tenant_id from kernel.credential c where c.id = credential), m.tenant_id)
$$;

-- A new session of a person whose proof was judged by the caller. At most 20 live ones; the oldest gives way. Internal.
create function kernel.mint_session(
  person uuid, session_hash bytea, ip inet, device text, factors text[] default '{password}', sso_tenant uuid default null
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  minted uuid;
  surplus uuid[];
begin
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  select array_agg(s.id) into surplus from (
    select c.id from kernel.credential c
     where c.person_id = person and c.kind = 'session' and c.ended_at is null
       -- Whoever runs one organization's provider ends nothing of another's.
       and c.sso_tenant_id is not distinct from mint_session.sso_tenant
     order by coalesce(c.last_seen_at, c.created_at) desc offset 19) s;
  if surplus is not null then
    perform kernel.end_credentials(surplus, 'too many sessions');
    perform kernel.audit_person(person, s.id, 'session-displaced', 'notice', null, mint_session.ip, mint_session.device) from unnest(surplus) s (id);
  end if;
  insert into kernel.credential (kind, digest, person_id, ip, opened_ip, device, factors, sso_tenant_id, proved_at, second_factor_at,
                                 last_seen_at, idle_seconds, expires_at)
  values ('session', sha256(session_hash), person, mint_session.ip, mint_session.ip, mint_session.device, mint_session.factors, sso_tenant, now(),
          case when mint_session.factors && '{totp,backup-code,passkey}' then now() end, now(), 12 * 3600, now() + interval '7 days')
  returning id into minted;
  if sso_tenant is null then
    perform kernel.note_break_glass(person, minted, mint_session.ip, mint_session.device);
  end if;
  return minted;
end $$;

-- The organizations that somebody belongs to (not those that are closed, or lent them a way in): whether each lets them in beside single sign-on, whether
-- it takes passwords, and whether it asks them for a second factor. Internal.
create function kernel.ways_in(person uuid) returns table (tenant_id uuid, beside_sso boolean, by_password boolean, second_factor boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select t.id, not t.sso_enforced or m.break_glass and 'owner' = any (m.roles), 'password' <> all (t.closed_ways),
         coalesce(t.mfa_roles && (m.roles || '*'::text), false)
    from kernel.membership m join kernel.tenant t on t.id = m.tenant_id and t.state <> 'closed'
   where m.person_id = ways_in.person and m.ended_at is null and m.until is null;
end;

-- Whether this first factor leads into none of the person's organizations, since each lets in by single sign-on only or takes no passwords;
-- not for somebody who belongs to none. A link, where links are closed, leads to one's own pages still: a passkey is added there. Internal.
create function kernel.shut(person uuid, method text) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(not bool_or(w.beside_sso and (shut.method <> 'password' or w.by_password)), false) from kernel.ways_in(shut.person) w;
end;

-- Where every first factor ends, whichever it was: at a session, or at the second factor when the person has one, or nowhere
-- when all the person's organizations let in by single sign-on only. Answers {"next": null | "second-factor" | "single-sign-on"}. Internal.
-- What an organization's identity provider vouched for (`sso_tenant`) stays within that organization, and its first step is written
-- into the trail by whoever calls this.
create function kernel.first_factor_passed(
  person uuid, method text, session_hash bytea, request_id uuid, ip inet, device text, sso_tenant uuid default null
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session uuid;
begin
  if sso_tenant is null and kernel.shut(person, method) then
    perform kernel.audit_person(person, null, 'sign-in-refused', 'warning', first_factor_passed.request_id, first_factor_passed.ip, first_factor_passed.device,
                                jsonb_build_object('method', method, 'reason', 'single-sign-on-needed'));
    return '{"next": "single-sign-on"}';
  end if;
  -- A passkey that has verified its user is two factors at once.
  if method <> 'passkey' and (select p.second_factor_since is not null from kernel.person p where p.id = person) then
    insert into kernel.credential (kind, digest, person_id, ip, opened_ip, device, factors, sso_tenant_id, expires_at)
    values ('pending', sha256(session_hash), person, first_factor_passed.ip, first_factor_passed.ip, first_factor_passed.device, array[method],
            sso_tenant, now() + interval '10 min') returning id into session;
    -- Whether or not it goes on: whoever came so far knows the password, or reads the mail.
    if sso_tenant is null then
      perform kernel.audit_person(person, session, 'first-factor', 'info', first_factor_passed.request_id, first_factor_passed.ip, first_factor_passed.device,
                                  jsonb_build_object('factors', array[method]));
    end if;
    return '{"next": "second-factor"}';
  end if;
  session := kernel.mint_session(person, session_hash, first_factor_passed.ip, first_factor_passed.device, array[method], sso_tenant);
  if sso_tenant is null then
    perform kernel.audit_person(person, session, 'sign-in', 'info', first_factor_passed.request_id, first_factor_passed.ip, first_factor_passed.device,
                                jsonb_build_object('factors', array[method]));
  end if;
  return '{"next": null}';
end $$;

create function kernel.installation_state(out claimed boolean, out region text, out key_check bytea, out id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select i.claimed_at is not null, i.region, i.key_check, i.id from kernel.installation i;
end;

-- Opens (again) the one-time setup link of an unclaimed installation; an older link dies.
create function kernel.open_setup(ticket_hash bytea, seconds integer) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if (select i.claimed_at is not null from kernel.installation i for update) then
    return false;
  end if;
  update kernel.ticket set ended_at = now() where purpose = 'setup' and used_at is null and ended_at is null;
  insert into kernel.ticket (digest, purpose, expires_at)
  values (kernel.ticket_digest('setup', ticket_hash), 'setup', now() + make_interval(secs => least(seconds, 900)));
  return true;
end $$;

-- Uses a ticket up, or raises RF403: the one statement behind everything that is good once. What one browser asked for, another
-- does not use up. The person comes before it, as wherever somebody signs in or is signed out: what comes of a ticket, and what ends it, take turns. Internal.
create function kernel.redeem(ticket_hash bytea, wanted text, browser_hash bytea default null) returns kernel.ticket language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket kernel.ticket;
begin
  perform pg_advisory_xact_lock(kernel.person_lock((
    select t.person_id from kernel.ticket t where t.digest = kernel.ticket_digest(wanted, ticket_hash))));
  update kernel.ticket t set used_at = now()
   where t.digest = kernel.ticket_digest(wanted, ticket_hash) and t.purpose = wanted
     and (t.browser is null or t.browser = sha256(browser_hash)) and t.used_at is null and t.ended_at is null and t.expires_at > now()
  returning t.* into ticket;
  if ticket.id is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return ticket;
end $$;

create function kernel.permissions_of(tenant uuid, roles text[]) returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  -- A role of the product that comes later under the key of an organization's own one gives nobody anything. A directory's
  -- service account (0037) has a role that nobody is given by hand: no name of a role has a colon.
  select coalesce(array_agg(distinct x order by x), '{}') || case when ':provisioner' = any (roles) then '{member.provision}' else '{}' end::text[]
    from (select c.permissions from kernel.custom_role c where c.tenant_id = tenant and c.key = any (roles) and c.ended_at is null
          union all
          select r.permissions from kernel.tenant t join kernel.role r on r.preset = t.preset and r.key = any (roles)
           where t.id = tenant and not exists (select from kernel.custom_role c where c.tenant_id = tenant and c.key = r.key)) g
   cross join lateral unnest(g.permissions) x;
end;

-- Recomputes what members may do after the roles' permissions changed (a migration that adds a resource does).
create procedure kernel.refresh_permissions() language sql security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.membership m set permissions = kernel.permissions_of(m.tenant_id, m.roles)
   where m.until is null and m.permissions is distinct from kernel.permissions_of(m.tenant_id, m.roles)
$$;
grant execute on procedure kernel.refresh_permissions() to rf_migrate;

-- A new organization with its first owner. Internal.
create function kernel.found_organization(person uuid, organization jsonb) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  founded uuid;
  member  uuid;
begin
  insert into kernel.tenant (id, slug, name, preset, region, locale, time_zone, currency, demo)
  values (coalesce((organization ->> 'id')::uuid, kernel.uuidv7()), organization ->> 'slug', organization ->> 'name', coalesce(organization ->> 'preset', 'crm'),
          (select i.region from kernel.installation i), organization ->> 'locale', organization ->> 'timeZone',
          organization ->> 'currency', coalesce((organization ->> 'demo')::boolean, false))
  returning id into founded;
  -- Its first data key, wrapped outside: the server chose the id, since a key is wrapped for one organization only.
  if organization ? 'wrappedKey' then
    insert into kernel.tenant_key (tenant_id, id, wrapped) values (founded, 1, decode(organization ->> 'wrappedKey', 'base64'));
  end if;
  insert into kernel.membership (tenant_id, person_id, roles, permissions)
  values (founded, person, '{owner}', kernel.permissions_of(founded, '{owner}')) returning id into member;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, action, resource_type, resource_id, severity, after)
  select founded, p.id, p.email, 'create', 'organization', founded, 'notice',
         organization - 'id' - 'wrappedKey' from kernel.person p where p.id = person;
  return founded;
exception when unique_violation then
  raise exception 'taken' using errcode = 'RF409', hint = 'slug';
end $$;

-- Sets up an installation: first organization, first owner, first session; the setup link is used up. Raises RF403.
create function kernel.claim_installation(
  ticket_hash bytea, organization jsonb, email text, name text, recipe jsonb, verifier bytea, session_hash bytea, ip inet, device text
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  person  uuid;
begin
  perform kernel.redeem(ticket_hash, 'setup');
  update kernel.installation i set claimed_at = now() where i.claimed_at is null;
  if not found then
    raise exception 'already set up' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  insert into kernel.person (email, name, recipe, verifier)
  values (claim_installation.email, claim_installation.name, claim_installation.recipe, claim_installation.verifier) returning id into person;
  perform kernel.found_organization(person, organization);
  perform kernel.audit_person(person, s.id, 'sign-in', 'info', null, claim_installation.ip, claim_installation.device, '{"factors": ["password"]}')
     from kernel.mint_session(person, session_hash, claim_installation.ip, claim_installation.device) s (id);
  return person;
end $$;

-- How to derive from the password, or null for an address that nobody has: the server then derives from a decoy, so that
-- text, status and time are alike.
create function kernel.sign_in_recipe(email text) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select p.recipe from kernel.person p
   where lower(p.email) collate "C" = lower(sign_in_recipe.email) collate "C" and p.ended_at is null and p.verifier is not null;
end;

-- Nobody else is at this person's sign-ins, links or factors until the end of the transaction. Null when nobody has the address. Internal.
create function kernel.hold_person(address text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  person constant uuid := (select p.id from kernel.person p where lower(p.email) collate "C" = lower(address) collate "C");
begin
  perform kernel.demand_fresh_transaction();
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  return person;
end $$;

-- Compares, and passes on what kernel.first_factor_passed says; null when the proof is wrong or of no use, which is recorded. A fresh recipe replaces the
-- stored one when the proof was right (rehash on sign-in). The try is counted before it is judged, and not judged when it was one too many:
-- {"wait": seconds} or {"locked": true} (kernel.begin_try, 0030). The person comes first: a new password that is just being set is waited for,
-- and then judges.
create function kernel.sign_in(
  email text, derived bytea, session_hash bytea, request_id uuid, ip inet, device text, fresh_recipe jsonb, fresh_verifier bytea,
  device_hash bytea default null
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  holder  constant uuid := kernel.hold_person(email);
  pause   constant jsonb := kernel.begin_try(email, ip, device_hash, request_id, device);
  person  uuid;
  genuine boolean;
  closed  boolean;
  reason  text;
begin
  if pause is not null then
    insert into kernel.refusal (reason, door, request_id, ip, device)
    values ('too-many-tries', 'sign-in', sign_in.request_id, sign_in.ip, left(sign_in.device, 500));
    return pause;
  end if;
  -- The verifier stays a column of this query: a variable would be folded into plans, which debug_print_plan prints.
  select p.id, p.verifier is not null and sha256(p.verifier) = sha256(sha256(derived)) into person, genuine
    from kernel.person p
   where lower(p.email) collate "C" = lower(sign_in.email) collate "C" and p.ended_at is null;
  -- Where no password opens anything, the right one is answered, counted and noted as a wrong one is, or the door would say which it is; only the
  -- trail tells them apart. The same is called for whoever there is and for nobody.
  closed := kernel.shut(person, 'password');
  reason := case when kernel.shut(person, 'link') then 'single-sign-on-needed' else 'another-way-needed' end;
  if genuine is not true or closed then
    reason := case when genuine then reason else 'wrong-credentials' end;
    insert into kernel.refusal (reason, door, person_id, request_id, ip, device)
    values (reason, 'sign-in', person, sign_in.request_id, sign_in.ip, left(sign_in.device, 500));
    perform kernel.audit_person(person, null, 'sign-in-refused', 'warning', sign_in.request_id, sign_in.ip, sign_in.device,
                                jsonb_build_object('method', 'password', 'reason', reason));
    -- Nobody's trail takes as long to write as somebody's, which a few thousand tries would tell: the row is written, and taken back.
    if not exists (select from kernel.membership m where m.person_id = person and m.ended_at is null and m.until is null) then
      begin
        insert into kernel.audit_event (tenant_id, actor_email, request_id, ip, device, action, resource_type, severity, after)
        values ('00000000-0000-0000-0000-000000000000', 'nobody@nowhere.invalid', sign_in.request_id, sign_in.ip, left(sign_in.device, 500), 'sign-in-refused',
                'session', 'warning', jsonb_build_object('method', 'password', 'reason', reason));
        raise exception 'taken back' using errcode = 'RF000';
      exception when sqlstate 'RF000' then
        null;
      end;
    end if;
    return null;
  end if;
  perform kernel.forget_tries(sign_in.email, sign_in.ip, sign_in.device_hash);
  if fresh_verifier is not null then
    update kernel.person p set recipe = fresh_recipe, verifier = fresh_verifier where p.id = person;
  end if;
  return kernel.first_factor_passed(person, 'password', session_hash, sign_in.request_id, sign_in.ip, sign_in.device);
end $$;

create function kernel.sign_out(token_hash bytea, request_id uuid, ip inet, device text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session kernel.credential;
begin
  select c.* into session from kernel.credential c
   where c.digest = sha256(token_hash) and c.kind in ('session', 'access') and c.ended_at is null;
  if session.id is null then
    return false;
  end if;
  -- A program signs itself out, not the session that let it in.
  perform kernel.end_credentials(array[coalesce(session.family_id, session.id)], 'signed out');
  perform kernel.audit_person(session.person_id, session.id, 'sign-out', 'info', sign_out.request_id, sign_out.ip, sign_out.device);
  return true;
end $$;

-- A session that has lapsed is shown as long as programs hold tokens of it: whoever looks must be able to end them.
create function kernel.sessions(token_hash bytea)
returns table (id uuid, device text, ip inet, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, this_one boolean, programs integer)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  session constant kernel.credential := kernel.live_session(token_hash);
begin
  return query
  select c.id, c.device, c.ip, c.created_at, greatest(c.last_seen_at, tokens.last_seen_at), c.expires_at, c.id = session.id, tokens.families
    from kernel.credential c
   cross join lateral (
     select count(*) filter (where f.kind = 'refresh' and f.expires_at > now()
                               and coalesce(f.last_seen_at, f.created_at) + make_interval(secs => f.idle_seconds) > now())::integer as families,
            max(f.last_seen_at) as last_seen_at
       from kernel.credential f where f.parent_id = c.id and f.ended_at is null) tokens
   where c.person_id = session.person_id and c.kind = 'session' and c.ended_at is null
     and (tokens.families > 0 or c.expires_at > now()
          and coalesce(c.last_seen_at, c.created_at) + make_interval(secs => coalesce(c.idle_seconds, 604800)) > now())
   order by c.id = session.id desc, 5 desc;
end $$;

-- Ends one of the person's own sessions, or all but this one (`target` null), and then no other browser than the given one is known as theirs any
-- more, and no second factor is remembered anywhere. Holds from the next request on; when it has returned, nothing of the ended session answers any more.
create function kernel.end_session(token_hash bytea, target uuid, request_id uuid, ip inet, device text, device_hash bytea default null) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  caller kernel.credential;
  chosen uuid[];
  ended  integer;
begin
  perform kernel.demand_fresh_transaction();
  -- A sign-in that is just becoming a session is seen as one or the other, and sessions that end each other take turns.
  perform pg_advisory_xact_lock(kernel.person_lock((select c.person_id from kernel.credential c where c.digest = sha256(token_hash))));
  -- Not live_session(): it would hold this session's lock shared, and whoever ends it would wait for ever.
  select c.* into caller from kernel.credential c
   where c.digest = sha256(token_hash) and c.kind = 'session' and c.ended_at is null and c.expires_at > now()
     and coalesce(c.last_seen_at, c.created_at) + make_interval(secs => coalesce(c.idle_seconds, 604800)) > now();
  if caller.id is null then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
  select array_agg(c.id) into chosen from kernel.credential c
   where c.person_id = caller.person_id and (c.kind = 'session' or target is null and c.kind = 'pending') and c.ended_at is null
     -- What one organization's identity provider opened ends what that opened, and not the person's other sessions.
     and (caller.sso_tenant_id is null or c.sso_tenant_id = caller.sso_tenant_id)
     and case when target is null then c.id <> caller.id else c.id = target end;
  if target is null and caller.sso_tenant_id is null then
    delete from kernel.known_device d where d.person_id = caller.person_id and d.digest is distinct from sha256(device_hash);
  end if;
  if target is null then
    delete from kernel.remembered_device d where d.person_id = caller.person_id and (caller.sso_tenant_id is null or d.sso_tenant_id = caller.sso_tenant_id);
  end if;
  if chosen is null then
    if target is null then return 0; end if;
    raise exception 'no such session' using errcode = 'RF404';
  end if;
  ended := kernel.end_credentials(chosen, 'revoked');
  perform kernel.audit_person(caller.person_id, x, 'session-end', 'notice', end_session.request_id, end_session.ip, end_session.device)
    from unnest(chosen) x;
  return ended;
end $$;

-- Who holds this session or access token, and where they may go: a row for each organization, or one without any. Every page asks it first,
-- so it is judged and told by one query, and in plain columns: as JSON the telling would cost more than the judging. Organizations are
-- looked up one by one: nothing is known of how many are active (0007), and planned together they would all be read.
create function kernel.who(token_hash bytea) returns table (
  id uuid, email text, name text, slug text, organization text, member_id uuid, roles text, permissions text,
  locale text, time_zone text, currency text, demo boolean, support jsonb, second_factor_by timestamptz
) language plpgsql volatile security definer rows 2
set search_path = pg_catalog, pg_temp as $$
declare
  token_digest constant bytea := sha256(token_hash);
begin
  if current_setting('transaction_isolation') <> 'read committed' or clock_timestamp() > transaction_timestamp() + interval '2 s'
     or coalesce(current_setting('ringfence.binding', true), '') <> '' then
    perform kernel.demand_fresh_transaction();
  end if;
  -- Before the query that judges, so that its snapshot is younger than any revoke that this lock waited for.
  perform pg_advisory_xact_lock_shared(kernel.credential_lock(token_digest));
  return query
    select p.id, p.email, p.name, o.slug, o.name, o.member_id, o.roles, o.permissions, o.locale, o.time_zone, o.currency, o.demo, o.support,
           o.second_factor_by
      from kernel.credential c
      join kernel.person p on p.id = c.person_id
      left join lateral (
        select t.slug, t.name, m.id as member_id, array_to_string(m.roles, ' ') as roles, array_to_string(m.permissions, ' ') as permissions,
               t.locale, t.time_zone, t.currency, t.demo,
               case when m.until is not null then kernel.support_shown(t.id, m.id) end as support,
               -- Of this session, and so of no program's token: how that session was opened stands elsewhere.
               case when c.kind = 'session' and c.second_factor_at is null and m.until is null
                     and not (t.remembered_devices and 'remembered-device' = any (c.factors))
                 then kernel.second_factor_by(t.mfa_roles, t.mfa_from, t.mfa_grace_days, m.roles, m.created_at) end as second_factor_by
          from kernel.membership m
         cross join lateral (select k.id, k.slug, k.name, k.locale, k.time_zone, k.currency, k.demo, k.state, k.mfa_roles, k.mfa_from, k.mfa_grace_days,
                                      k.remembered_devices
                               from kernel.tenant k where k.id = m.tenant_id offset 0) t
         where m.person_id = p.id and m.ended_at is null and (m.until is null or m.until > now())
           and t.state = 'active' and t.id = coalesce(c.tenant_id, c.sso_tenant_id, t.id)) o on true
     where c.digest = token_digest and c.kind in ('session', 'access') and num_nulls(c.ended_at, p.ended_at) = 2
       and (c.expires_at is null or c.expires_at > now())
       and (c.idle_seconds is null or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now());
  if not found then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
end $$;

create function kernel.open_organization(token_hash bytea, organization jsonb) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
begin
  -- Each gives the clock work for ever.
  if (select count(*) from kernel.membership m join kernel.tenant t on t.id = m.tenant_id and t.state <> 'closed'
       where m.person_id = session.person_id and m.ended_at is null and 'owner' = any (m.roles)) >= 100 then
    raise exception 'a hundred organizations of one owner are the most' using errcode = 'RF409', hint = 'too-many-organizations';
  end if;
  -- What a person may ask for is not what the demo may: no flag comes from outside.
  return kernel.found_organization(session.person_id, organization - 'demo');
end $$;

-- What an invitation says, for the page that asks to accept it; RF403 when it is not good any more.
create function kernel.invitation(ticket_hash bytea) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  told jsonb;
begin
  select jsonb_build_object('organization', t.name, 'slug', t.slug, 'email', k.email, 'roles', to_jsonb(k.roles),
           'invitedBy', (select p.name from kernel.person p where p.id = k.invited_by), 'expiresAt', kernel.moment(k.expires_at),
           'known', exists (select from kernel.person p where lower(p.email) collate "C" = lower(k.email) collate "C"
                                and p.ended_at is null and p.kind = 'person'),
           'covered', coalesce(t.mfa_roles && (k.roles || '*'::text), false) or t.sso_enforced)
    into told
    from kernel.ticket k join kernel.tenant t on t.id = k.tenant_id and t.state = 'active'
   where k.digest = kernel.ticket_digest('invitation', ticket_hash) and k.purpose = 'invitation'
     and k.used_at is null and k.ended_at is null and k.expires_at > now();
  if told is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return told;
end $$;

-- Joins the organization that the invitation names. Whoever has an account already must show its session (RF401 with the
-- hint `sign-in-first`); a new person comes with a name and a verifier. The invitation is bound to its address. It counts as no
-- proof of the mailbox, since the database cannot tell whether its link was mailed: a person whom single sign-on or a directory made gets a
-- password by reset, and who shows the domain to be theirs can take the address (kernel.reclaim_person).
create function kernel.accept_invitation(
  ticket_hash bytea, token_hash bytea, name text, recipe jsonb, verifier bytea, session_hash bytea, request_id uuid, ip inet, device text
) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket constant kernel.ticket := kernel.redeem(ticket_hash, 'invitation');
  person record;
  joined uuid;
begin
  -- Nobody gives what they do not hold any more.
  if ticket.invited_by is not null and not kernel.covers((select m.permissions from kernel.membership m
                         where m.tenant_id = ticket.tenant_id and m.person_id = ticket.invited_by and m.ended_at is null),
                       kernel.permissions_of(ticket.tenant_id, ticket.roles)) then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  delete from kernel.person_mail m where m.id = (ticket.payload ->> 'mail')::uuid and m.tenant_id = ticket.tenant_id;
  select p.id, p.email, true as known into person
    from kernel.person p
   where lower(p.email) collate "C" = lower(ticket.email) collate "C" and p.ended_at is null and p.kind = 'person'
     for no key update;
  if person.known then
    if token_hash is null or (kernel.live_session(token_hash)).person_id is distinct from person.id then
      raise exception 'sign in first' using errcode = 'RF401', hint = 'sign-in-first';
    end if;
  elsif token_hash is not null then
    raise exception 'sign in first' using errcode = 'RF401', hint = 'sign-in-first';
  else
    insert into kernel.person (email, name, recipe, verifier)
    values (ticket.email, accept_invitation.name, accept_invitation.recipe, accept_invitation.verifier)
    returning id, email, true as known into person;
  end if;
  insert into kernel.membership as m (tenant_id, person_id, roles, permissions)
  values (ticket.tenant_id, person.id, ticket.roles, kernel.permissions_of(ticket.tenant_id, ticket.roles))
  on conflict (tenant_id, person_id) do update
    set roles = excluded.roles, permissions = excluded.permissions, ended_at = null, break_glass = false, version = m.version + 1
    where m.ended_at is not null or m.until <= now()
  returning m.id into joined;
  if joined is null then
    raise exception 'a member already' using errcode = 'RF409', hint = 'member';
  end if;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (ticket.tenant_id, person.id, person.email, accept_invitation.request_id, accept_invitation.ip, accept_invitation.device,
          'join', 'member', joined, 'notice', jsonb_build_object('roles', to_jsonb(ticket.roles), 'email', person.email));
  if token_hash is null then
    perform kernel.audit_person(person.id, s.id, 'sign-in', 'info', accept_invitation.request_id, accept_invitation.ip, accept_invitation.device,
                                '{"factors": ["password"]}')
       from kernel.mint_session(person.id, session_hash, accept_invitation.ip, accept_invitation.device) s (id);
  end if;
  return (select t.slug from kernel.tenant t where t.id = ticket.tenant_id);
end $$;

grant execute on function
  kernel.installation_state(), kernel.open_setup(bytea, integer),
  kernel.claim_installation(bytea, jsonb, text, text, jsonb, bytea, bytea, inet, text),
  kernel.sign_in_recipe(text), kernel.sign_in(text, bytea, bytea, uuid, inet, text, jsonb, bytea, bytea),
  kernel.sign_out(bytea, uuid, inet, text), kernel.sessions(bytea), kernel.end_session(bytea, uuid, uuid, inet, text, bytea),
  kernel.who(bytea), kernel.open_organization(bytea, jsonb), kernel.invitation(bytea),
  kernel.accept_invitation(bytea, bytea, text, jsonb, bytea, bytea, uuid, inet, text)
  to rf_auth;
grant execute on function kernel.installation_state() to rf_api, rf_worker, rf_ops, rf_migrate;

-- Whether the server vouches for this: 32 bytes of MAC, then its outer key. Inlined, so that the inner key stays a column of the query: a
-- variable would be folded into plans, which debug_print_plan prints.
create function kernel.vouched(word bytea, inner_pad bytea, outer_digest bytea, payload text) returns boolean language sql stable
return sha256(substring(word from 33)) = outer_digest
   and sha256(substring(word from 1 for 32)) = sha256(sha256(substring(word from 33) || sha256(inner_pad || convert_to(payload, 'UTF8'))));

-- Raises unless the server has said this word, which it makes of the installation's secret: what rf_auth asks without anybody's
-- credential is worth nothing to whoever has its password alone. Internal.
create function kernel.demand_word(word bytea, payload text) returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from kernel.installation i where kernel.vouched(word, i.word_inner, i.word_outer_digest, payload)) then
    raise exception 'not allowed' using errcode = 'RF403', hint = 'word';
  end if;
end $$;

-- Notes the installation once, and tells what was noted: the check value of its secret, and its region.
create function kernel.note_installation(
  wanted_check bytea, wanted_region text, word_inner bytea, word_outer_digest bytea, out key_check bytea, out region text
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  insert into kernel.installation as i (key_check, region, word_inner, word_outer_digest)
  values (wanted_check, wanted_region, note_installation.word_inner, note_installation.word_outer_digest) on conflict do nothing;
  select i.key_check, i.region into note_installation.key_check, note_installation.region from kernel.installation i;
end $$;
grant execute on function kernel.note_installation(bytea, text, bytea, bytea) to rf_migrate;
