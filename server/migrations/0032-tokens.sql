-- Tokens of programs. An access token is a JWT, and a credential like any other: its signature is looked at first, outside,
-- because that is cheap; what counts is its row, so that a revoke holds from the next request on. A family of tokens is one
-- row of kind `refresh`, whose digest is that of the one refresh token that is good; what it was before stands in spent_refresh.

set local role rf_kernel;

alter table kernel.credential
  -- The family that an access token belongs to.
  add family_id uuid references kernel.credential on delete cascade,
  add constraint credential_family_kind check ((kind = 'access') = (family_id is not null)),
  add constraint credential_parent_kind check (
    case when kind = 'key' then parent_id is null or class in ('personal', 'secret', 'service') else (kind in ('access', 'refresh')) = (parent_id is not null) end);
create index credential_family on kernel.credential (family_id) where family_id is not null;
create index credential_over on kernel.credential (expires_at) where kind in ('access', 'refresh', 'pending');
call kernel.drop_statistics('kernel.credential');

-- Refresh tokens that were used. One that comes back is a reply that was lost, or a thief.
create table kernel.spent_refresh (
  digest    bytea primary key check (octet_length(digest) = 32),
  family_id uuid not null references kernel.credential on delete cascade,
  at        timestamptz not null default clock_timestamp(),
  -- The tokens that it was changed for, sealed with a key that is derived from the token itself: who holds the table cannot open
  -- it. Kept for as long as it may be asked for again.
  successor bytea,
  -- From where it was used; only there the answer is repeated.
  network   inet,
  device    text,
  replays   smallint not null default 0
);
create index spent_refresh_family on kernel.spent_refresh (family_id);
call kernel.drop_statistics('kernel.spent_refresh');

-- The keys that sign access tokens. `next` is published before it signs, `previous` for as long as its tokens live.
create table kernel.signing_key (
  kid          text primary key check (kid ~ '^[A-Za-z0-9_-]{43}$'),
  state        text not null check (state in ('next', 'current', 'previous')),
  public       jsonb not null check (not public ? 'd'),
  -- The private key, sealed with a key that is derived from the installation secret.
  sealed       bytea not null,
  made_at      timestamptz not null default now(),
  current_from timestamptz,
  until        timestamptz check ((state = 'previous') = (until is not null))
);
create unique index signing_key_state on kernel.signing_key (state) where state <> 'previous';
call kernel.drop_statistics('kernel.signing_key');

create function kernel.signing_keys(out kid text, out state text, out public jsonb, out sealed bytea, out made_at timestamptz, out due boolean)
returns setof record language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select k.kid, k.state, k.public, k.sealed, k.made_at, k.state = 'current' and k.current_from < now() - interval '30 days'
    from kernel.signing_key k where k.until is null or k.until > now() order by k.made_at;
end;

-- Takes a new key: as `current` or `next` where there is none, otherwise in place of `next`, which becomes `current`; what was
-- current is published for as long as its last token lives, and an hour more. Unless forced, only when the current one is 30 days old. Says
-- what became of the new key; null when it was not needed.
create function kernel.rotate_signing_key(kid text, public jsonb, sealed bytea, forced boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  wanted text;
begin
  perform pg_advisory_xact_lock(uuid_hash_extended(kernel.nobody(), 7462));
  delete from kernel.signing_key k where k.until < now();
  wanted := case when not exists (select from kernel.signing_key k where k.state = 'current') then 'current'
                 when not exists (select from kernel.signing_key k where k.state = 'next')
                      or forced or exists (select from kernel.signing_keys() k where k.due) then 'next' end;
  if wanted = 'next' and exists (select from kernel.signing_key k where k.state = 'next') then
    update kernel.signing_key k set state = 'previous', until = now() + interval '2 hours' where k.state = 'current';
    update kernel.signing_key k set state = 'current', current_from = now() where k.state = 'next';
  end if;
  insert into kernel.signing_key (kid, state, public, sealed, current_from)
  select rotate_signing_key.kid, wanted, rotate_signing_key.public, rotate_signing_key.sealed, case wanted when 'current' then now() end
   where wanted is not null;
  return wanted;
end $$;
grant execute on function kernel.signing_keys(), kernel.rotate_signing_key(text, jsonb, bytea, boolean) to rf_auth, rf_ops;

-- For whom tokens would be: a session asks, for one organization or for wherever its person may go. What the organization
-- demands of a session is asked here already. A session that one organization vouched for gives tokens for that one.
create function kernel.token_subject(token_hash bytea, organization text, ip inet, out person_id uuid, out session_id uuid, out tenant_id uuid)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash, true);
  member uuid;
  closed text;
begin
  person_id := session.person_id;
  session_id := session.id;
  tenant_id := session.sso_tenant_id;
  if organization is null then
    return;
  end if;
  select t.id, m.id into tenant_id, member from kernel.tenant t
    join kernel.membership m on m.tenant_id = t.id and m.person_id = session.person_id and m.ended_at is null
   where t.slug = organization and t.state = 'active' and (session.sso_tenant_id is null or session.sso_tenant_id = t.id);
  if member is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  closed := kernel.gate(tenant_id, member, session.id, ip, '{}');
  if closed is not null then
    raise exception '%', closed using errcode = 'RF403';
  end if;
end $$;

-- A family of tokens, and its first access token. At most 20 families of a person; the one that was used longest ago gives way.
create function kernel.issue_tokens(
  token_hash bytea, organization text, access_hash bytea, refresh_hash bytea, request_id uuid, ip inet, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  subject record;
  surplus uuid[];
  family  kernel.credential;
begin
  -- First, as whoever ends sessions of a person takes it first.
  perform pg_advisory_xact_lock(kernel.person_lock(c.person_id)) from kernel.credential c where c.digest = sha256(token_hash);
  select * into subject from kernel.token_subject(token_hash, organization, issue_tokens.ip);
  select array_agg(s.id) into surplus from (
    select c.id from kernel.credential c
     where c.person_id = subject.person_id and c.kind = 'refresh' and c.ended_at is null
     order by coalesce(c.last_seen_at, c.created_at) desc offset 19) s;
  if surplus is not null then
    perform kernel.end_credentials(surplus, 'too many tokens');
  end if;
  insert into kernel.credential (kind, digest, person_id, tenant_id, parent_id, sso_tenant_id, factors, proved_at, opened_ip, ip, device,
                                 last_seen_at, idle_seconds, expires_at)
  select 'refresh', sha256(refresh_hash), s.person_id, subject.tenant_id, s.id, s.sso_tenant_id, s.factors, s.proved_at, issue_tokens.ip, issue_tokens.ip,
         issue_tokens.device, now(), 3 * 86400, least(s.expires_at, now() + interval '7 days')
    from kernel.credential s where s.id = subject.session_id
  returning * into family;
  perform kernel.add_access_token(family, access_hash, now(), issue_tokens.ip, issue_tokens.device);
  perform kernel.audit_person(family.person_id, family.id, 'token-create', 'notice', issue_tokens.request_id, issue_tokens.ip, issue_tokens.device);
end $$;

-- `used` is when the family was used last: a change of tokens is no use, or it would outwit an organization's idle limit. Internal.
create function kernel.add_access_token(family kernel.credential, access_hash bytea, used timestamptz, ip inet, device text) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.credential (kind, digest, person_id, tenant_id, parent_id, family_id, sso_tenant_id, factors, proved_at, opened_ip, ip, device,
                                 last_seen_at, expires_at)
  values ('access', sha256(access_hash), family.person_id, family.tenant_id, family.parent_id, family.id, family.sso_tenant_id, family.factors,
          family.proved_at, family.opened_ip, ip, device, used, least(family.expires_at, now() + interval '1 hour'))
$$;

-- For whom the next tokens of a family would be; nothing when this is not its refresh token (any more).
create function kernel.refresh_subject(token_hash bytea, out person_id uuid, out session_id uuid, out tenant_id uuid)
returns setof record language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select c.person_id, c.parent_id, c.tenant_id from kernel.credential c where c.digest = sha256(token_hash) and c.kind = 'refresh';
end;

create function kernel.network_of(ip inet) returns inet language sql immutable parallel safe
return network(set_masklen(ip, case family(ip) when 4 then 24 else 48 end));

-- Why this token opens none of the organizations that it is for, or null when one lets it in. Internal.
create function kernel.nowhere(token kernel.credential, ip inet) returns text language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select case when coalesce(bool_and(w.closed is not null), true) then coalesce(min(w.closed), 'no such organization') end
    from (select kernel.gate(t.id, m.id, token.id, nowhere.ip, '{}') as closed
            from kernel.membership m join kernel.tenant t on t.id = m.tenant_id and t.state = 'active'
           where m.person_id = token.person_id and m.ended_at is null and (m.until is null or m.until > now())
             and t.id = coalesce(token.tenant_id, t.id)) w
$$;

-- Changes a refresh token for the next one, and an access token; false when it is not its family's (any more). One conditional
-- update decides: of many who try, one changes the digest, and the others find it changed. Nothing is given to whoever could enter nowhere with
-- it, by the same judgement as at the door (RF403, or RF404 for whoever belongs nowhere): the refresh token stays what it was, for the day on which
-- they can.
create function kernel.rotate_refresh(
  token_hash bytea, access_hash bytea, refresh_hash bytea, sealed bytea, ip inet, device text
) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  presented constant bytea := sha256(token_hash);
  family kernel.credential;
  access kernel.credential;
  closed text;
begin
  perform kernel.demand_fresh_transaction();
  -- As for whatever a session does: its end waits for this, or this finds it ended.
  perform pg_advisory_xact_lock_shared(kernel.credential_lock(s.digest))
     from kernel.credential c join kernel.credential s on s.id = c.parent_id where c.digest = presented and c.kind = 'refresh';
  update kernel.credential c set digest = sha256(refresh_hash), last_seen_at = now(), ip = rotate_refresh.ip
    from kernel.credential s, kernel.person p
   where c.digest = presented and c.kind = 'refresh' and c.ended_at is null and c.expires_at > now()
     and coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now()
     and s.id = c.parent_id and s.ended_at is null and p.id = c.person_id and p.ended_at is null
     -- Bounds what a program that does nothing but refresh can leave behind.
     and (select count(*) from (select from kernel.spent_refresh u where u.family_id = c.id limit 5000) u) < 5000
  returning c.* into family;
  if family.id is null then
    return false;
  end if;
  insert into kernel.spent_refresh (digest, family_id, successor, network, device)
  values (presented, family.id, sealed, kernel.network_of(rotate_refresh.ip), rotate_refresh.device);
  perform kernel.add_access_token(family, access_hash,
    coalesce((select max(a.last_seen_at) from kernel.credential a where a.family_id = family.id), family.created_at), rotate_refresh.ip, rotate_refresh.device);
  select a.* into access from kernel.credential a where a.digest = sha256(access_hash);
  closed := kernel.nowhere(access, rotate_refresh.ip);
  if closed is not null then
    raise exception '%', closed using errcode = case closed when 'no such organization' then 'RF404' else 'RF403' end;
  end if;
  delete from kernel.credential a
   where a.family_id = family.id and (a.expires_at < now() - interval '1 minute' or a.id not in (
     select n.id from kernel.credential n where n.family_id = family.id order by n.created_at desc, n.id desc limit 20));
  update kernel.spent_refresh u set successor = null where u.family_id = family.id and u.successor is not null and u.at < now() - interval '2 minutes';
  return true;
end $$;

-- What to do about a refresh token that is not its family's any more. `replayed`: its answer was lost or is on its way to
-- another tab, so it is given once more: within the grace, to whoever it was given first as far as address and program tell, as
-- often as anybody asks in the first two seconds and three times after that. `reuse`: two hold it, one of whom is a thief, so the
-- family ends with its session. `unknown`: it never was one, or is past. The database's clock alone counts, and one that was set back is no grace.
create function kernel.replay_refresh(
  token_hash bytea, grace_seconds integer, request_id uuid, ip inet, device text, mail_id uuid, subject text, mail_body bytea,
  out outcome text, out successor bytea
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  spent  kernel.spent_refresh;
  family kernel.credential;
  age    double precision;
begin
  perform kernel.demand_fresh_transaction();
  select u.* into spent from kernel.spent_refresh u where u.digest = sha256(token_hash) for update;
  select c.* into family from kernel.credential c join kernel.credential s on s.id = c.parent_id join kernel.person p on p.id = c.person_id
   where c.id = spent.family_id and num_nulls(c.ended_at, s.ended_at, p.ended_at) = 3 and c.expires_at > now();
  if family.id is null then
    -- Whose it was, when it was one: what is left of a family that has ended, or a token that nobody has given.
    insert into kernel.refusal (reason, door, person_id, request_id, ip, device)
    values ('dead-refresh-token', 'refresh',
            (select c.person_id from kernel.credential c where c.kind = 'refresh' and (c.id = spent.family_id or c.digest = sha256(token_hash)) limit 1),
            replay_refresh.request_id, replay_refresh.ip, left(replay_refresh.device, 500));
    outcome := 'unknown';
    return;
  end if;
  age := extract(epoch from clock_timestamp() - spent.at);
  if spent.successor is not null and grace_seconds > 0 and age between -1 and least(grace_seconds, 60)
     and replay_refresh.ip <<= spent.network and spent.device is not distinct from replay_refresh.device
     and (age <= 2 or spent.replays < 3) then
    update kernel.spent_refresh u set replays = u.replays + 1 where u.digest = spent.digest and age > 2;
    outcome := 'replayed';
    successor := spent.successor;
    return;
  end if;
  perform kernel.end_credentials(array[family.parent_id], 'refresh token used twice');
  perform kernel.audit_person(family.person_id, family.id, 'refresh-reuse', 'critical', replay_refresh.request_id, replay_refresh.ip, replay_refresh.device);
  perform kernel.queue_person_mail(mail_id, p.email, replay_refresh.subject, 'refresh-reuse', mail_body) from kernel.person p where p.id = family.person_id;
  outcome := 'reuse';
end $$;

grant execute on function
  kernel.token_subject(bytea, text, inet), kernel.issue_tokens(bytea, text, bytea, bytea, uuid, inet, text), kernel.refresh_subject(bytea),
  kernel.rotate_refresh(bytea, bytea, bytea, bytea, inet, text), kernel.replay_refresh(bytea, integer, uuid, inet, text, uuid, text, bytea)
  to rf_auth;
