-- Second factors: one-time codes, backup codes and passkeys; where a pending sign-in becomes a session; step-up.
--
-- PostgreSQL can check neither SHA-1 nor a signature, so the server does, and vouches for it with a MAC under the two keys of the
-- factor. It derives them from the installation's secret for each use; the password of the door derives nothing.

set local role rf_kernel;

-- Wrong codes at this pending sign-in.
alter table kernel.credential add tries smallint not null default 0;

create table kernel.factor (
  -- Chosen outside, since the secret is sealed for this very row.
  id           uuid primary key,
  person_id    uuid not null references kernel.person on delete cascade,
  kind         text not null check (kind in ('totp', 'passkey')),
  name         text not null check (length(name) between 1 and 100),
  -- What an authenticator app shares with us, sealed for this person and this factor. It is opened outside only.
  secret       bytea check ((kind = 'totp') = (secret is not null)),
  -- The newest step whose code was taken; neither it nor an older one is taken again, on whatever node.
  last_step    bigint not null default 0,
  -- By what name the authenticator knows a passkey, its public key, and how often it has signed.
  handle       bytea unique check ((kind = 'passkey') = (handle is not null)) check (octet_length(handle) between 1 and 1023),
  public_key   bytea check ((kind = 'passkey') = (public_key is not null)),
  counter      bigint not null default 0,
  transports   text[] not null default '{}',
  -- Of the keys of that MAC one is here, and of the other, which comes with each proof, a digest: neither a stolen backup nor a log
  -- of statements is enough to make one.
  inner_pad    bytea not null check (octet_length(inner_pad) = 64),
  outer_digest bytea not null check (octet_length(outer_digest) = 32),
  created_at   timestamptz not null default now(),
  -- Before that it stands in nobody's way: an enrolment that was broken off must not lock its person out.
  confirmed_at timestamptz check (confirmed_at is not null or kind = 'totp'),
  last_used_at timestamptz
);
create index factor_person on kernel.factor (person_id);
create unique index factor_unconfirmed on kernel.factor (person_id) where confirmed_at is null;

-- 120 random bits each, so that a plain digest tells nothing.
create table kernel.backup_code (
  person_id  uuid not null references kernel.person on delete cascade,
  digest     bytea not null check (octet_length(digest) = 32),
  created_at timestamptz not null default now(),
  used_at    timestamptz,
  primary key (person_id, digest)
);

-- Wrong proofs since the last right one and within a day, over all of a person's factors and sessions. What came by an organization's identity
-- provider is counted for itself: whoever runs one can sign in as the person and type wrong codes, but only within that organization.
create table kernel.factor_tally (
  person_id    uuid not null references kernel.person on delete cascade,
  -- The organization whose provider vouched for the session or sign-in; null for the person's own.
  vouched_by   uuid references kernel.tenant,
  failures     integer not null default 1,
  day_from     timestamptz not null default now(),
  day_failures integer not null default 1,
  locked_until timestamptz,
  unique nulls not distinct (person_id, vouched_by)
);

create function kernel.backup_digest(code_hash bytea) returns bytea language sql immutable parallel safe
return sha256(convert_to('backup-code|', 'UTF8') || code_hash);

-- The 30 seconds that one code stands for (RFC 6238), by the database's clock: it is one for all nodes.
create function kernel.totp_step() returns bigint language sql volatile
set search_path = pg_catalog, pg_temp
return floor(extract(epoch from clock_timestamp()) / 30)::bigint;

-- The live session behind a token, as live_session, and nobody else is at this person's factors or sign-ins until the end of
-- the transaction. The person comes first: whoever waits here holds no lock that the other may be waiting for. Internal.
create function kernel.own_session(token_hash bytea, confined_too boolean default false) returns kernel.credential
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(kernel.person_lock((select c.person_id from kernel.credential c where c.digest = sha256(token_hash))));
  return kernel.live_session(token_hash, confined_too);
end $$;

-- The same of a sign-in that waits for its second factor; null when there is none, or not any more. Internal.
create function kernel.own_pending(token_hash bytea) returns kernel.credential language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  pending kernel.credential;
begin
  perform kernel.demand_fresh_transaction();
  perform pg_advisory_xact_lock(kernel.person_lock((select c.person_id from kernel.credential c where c.digest = sha256(token_hash))));
  select c.* into pending from kernel.credential c join kernel.person p on p.id = c.person_id
   where c.digest = sha256(token_hash) and c.kind = 'pending' and c.ended_at is null and c.expires_at > now()
     and p.ended_at is null and p.second_factor_since is not null;
  return pending;
end $$;

-- Raises unless this session was proven within ten minutes, and by a second factor where the person has one: who stole a
-- session and knows the password must not be able to put another factor in place of ours. Internal.
create function kernel.demand_fresh_factor(session kernel.credential) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(session.proved_at, '-infinity') < now() - interval '10 min'
     or coalesce(session.second_factor_at, '-infinity') < now() - interval '10 min'
        and (select p.second_factor_since is not null from kernel.person p where p.id = session.person_id) then
    raise exception 'fresh proof needed' using errcode = 'RF403';
  end if;
end $$;

-- Queues the one of the letters that came along, all of them sealed, which tells what has happened. Internal.
create function kernel.notify_person(person uuid, letters jsonb, what text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if letters -> what is null then
    raise exception 'no letter says %', what using errcode = '42501';
  end if;
  perform kernel.queue_person_mail((letters -> what ->> 'id')::uuid, p.email, letters -> what ->> 'subject', what,
                                   decode(letters -> what ->> 'body', 'base64'))
     from kernel.person p where p.id = person;
end $$;

-- Writes what happened to a person's factors into the trail of each of their organizations. Internal.
create function kernel.audit_factor(
  person uuid, credential uuid, action text, factor uuid, severity text, after jsonb, request_id uuid, ip inet, device text
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  select m.tenant_id, p.id, p.email, credential, audit_factor.request_id, audit_factor.ip, audit_factor.device, action, 'factor', factor, severity, audit_factor.after
    from kernel.membership m join kernel.person p on p.id = m.person_id
   where m.person_id = person and m.ended_at is null and m.until is null
     and m.tenant_id = coalesce((select c.sso_tenant_id from kernel.credential c where c.id = credential), m.tenant_id)
$$;

create function kernel.backup_codes_left(person uuid) returns integer language sql stable security definer
set search_path = pg_catalog, pg_temp
return (select count(*)::integer from kernel.backup_code b where b.person_id = person and b.used_at is null);

-- Until when nothing that can be guessed is looked at; null when it is. Internal.
create function kernel.factors_locked(person uuid, vouched_by uuid) returns timestamptz language sql volatile security definer
set search_path = pg_catalog, pg_temp
return (select t.locked_until from kernel.factor_tally t
         where t.person_id = person and t.vouched_by is not distinct from factors_locked.vouched_by and t.locked_until > now());

-- Judges one proof and counts it: `passed`, `wrong`, `tenth` (wrong, and codes are locked now), `regressed` (a passkey that was
-- copied) or `locked`. The caller holds the person's lock, so that of parallel tries each finds what the one before has counted.
--
-- `anchor` is what the proof was given for: the credential's token hash, or for a passkey the challenge. After ten wrong
-- ones in a row nothing that can be guessed is looked at for a quarter of an hour, and after fifty of one day for the rest of it: of a million
-- codes, four of which are right at a time, that is one chance in five thousand a day. A signature cannot be guessed, and so is
-- the way in that whoever knows the password cannot shut. `vouched_by` says in which of the person's counts it goes. Internal.
create function kernel.judge_factor(
  person uuid, use text, method text, anchor bytea, factor uuid, number bigint, mac bytea, secret_hash bytea, vouched_by uuid
) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  payload constant text := format('%s|%s|%s|%s|%s', use, method, encode(anchor, 'hex'), factor, number);
  passed  boolean;
  judged  text := 'wrong';
begin
  if method <> 'passkey' and kernel.factors_locked(person, judge_factor.vouched_by) is not null then
    return 'locked';
  end if;
  -- The verifier stays a column of its query, as the keys do.
  case method
    when 'totp' then
      update kernel.factor f set last_step = number, last_used_at = now()
       where f.id = factor and f.person_id = person and f.kind = 'totp' and f.confirmed_at is not null
         and kernel.vouched(mac, f.inner_pad, f.outer_digest, payload)
         and f.last_step < number and number between kernel.totp_step() - 2 and kernel.totp_step() + 1;
      passed := found;
    when 'passkey' then
      -- Authenticators that do not count always say 0.
      update kernel.factor f set counter = number, last_used_at = now()
       where f.id = factor and f.person_id = person and f.kind = 'passkey'
         and kernel.vouched(mac, f.inner_pad, f.outer_digest, payload)
         and (f.counter < number or f.counter = 0 and number = 0);
      passed := found;
      if not passed and exists (
           select from kernel.factor f where f.id = factor and f.person_id = person and f.kind = 'passkey'
              and kernel.vouched(mac, f.inner_pad, f.outer_digest, payload)) then
        judged := 'regressed';
      end if;
    when 'backup-code' then
      update kernel.backup_code b set used_at = now()
       where b.person_id = person and b.digest = kernel.backup_digest(secret_hash) and b.used_at is null;
      passed := found;
    when 'password' then
      select p.verifier is not null and sha256(p.verifier) = sha256(sha256(secret_hash)) into passed from kernel.person p where p.id = person;
  end case;
  if passed then
    update kernel.factor_tally t set failures = 0, locked_until = null
     where t.person_id = person and t.vouched_by is not distinct from judge_factor.vouched_by;
    return 'passed';
  end if;
  -- Signing in by passkey takes no password first: who is nobody must not be able to lock codes.
  if use <> 'passkey-sign-in' then
    insert into kernel.factor_tally as t (person_id, vouched_by) values (person, judge_factor.vouched_by)
    on conflict on constraint factor_tally_person_id_vouched_by_key do update
      set failures = t.failures + 1,
          day_from = case when t.day_from <= now() - interval '1 day' then now() else t.day_from end,
          day_failures = case when t.day_from <= now() - interval '1 day' then 1 else t.day_failures + 1 end,
          locked_until = case when t.day_failures >= 49 and t.day_from > now() - interval '1 day' then t.day_from + interval '1 day'
                              when (t.failures + 1) % 10 = 0 then now() + interval '15 min' else t.locked_until end
    returning case when (t.failures % 10 = 0 or t.day_failures = 50) and judged = 'wrong' then 'tenth' else judged end into judged;
  end if;
  return judged;
end $$;

-- Records a proof that was refused, and tells the person when it was the one too many. Internal.
create function kernel.note_refused_proof(
  person uuid, credential uuid, judged text, method text, factor uuid, letters jsonb, request_id uuid, ip inet, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  insert into kernel.refusal (reason, door, person_id, request_id, ip, device)
  values (case judged when 'locked' then 'factors-locked' else 'wrong-code' end, 'second-factor', person,
          note_refused_proof.request_id, note_refused_proof.ip, left(note_refused_proof.device, 500));
  perform kernel.audit_factor(person, credential, case judged when 'regressed' then 'passkey-regressed' else 'proof-refused' end, factor,
                              case judged when 'regressed' then 'critical' else 'warning' end,
                              jsonb_build_object('method', method, 'reason', case judged when 'locked' then 'factors-locked' when 'regressed' then 'copied-passkey' else 'wrong-code' end),
                              note_refused_proof.request_id, note_refused_proof.ip, note_refused_proof.device);
  if judged = 'tenth' then
    perform kernel.audit_factor(person, credential, 'factors-locked', null, 'critical', null,
                                note_refused_proof.request_id, note_refused_proof.ip, note_refused_proof.device);
    perform kernel.notify_person(person, letters, 'factors-locked');
  end if;
end $$;

-- What a refusal says to the outside, for all kinds alike. Internal.
create function kernel.refused_proof(person uuid, vouched_by uuid) returns jsonb language sql volatile security definer
set search_path = pg_catalog, pg_temp
return coalesce((select jsonb_build_object('locked', ceil(extract(epoch from l.until - now()))::integer)
                   from kernel.factors_locked(person, vouched_by) l (until) where l.until is not null), '{"wrong": true}');

-- What the server needs for checking a proof: sealed secrets of authenticator apps, and which methods there are. For a sign-in that waits,
-- and for a session. Null when there is no such sign-in.
create function kernel.factor_ground(token_hash bytea, waiting boolean) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  holder kernel.credential;
begin
  holder := case when waiting then kernel.own_pending(token_hash) else kernel.own_session(token_hash, true) end;
  if holder.id is null then
    return null;
  end if;
  return (
    select jsonb_build_object(
      'person', p.id, 'email', p.email, 'name', p.name,
      'seconds', floor(extract(epoch from clock_timestamp()))::bigint,
      'totp', coalesce((select jsonb_agg(jsonb_build_object('id', f.id, 'secret', encode(f.secret, 'base64'), 'lastStep', f.last_step, 'confirmed', f.confirmed_at is not null)
                                         order by f.created_at)
                          from kernel.factor f where f.person_id = p.id and f.kind = 'totp' and (f.confirmed_at is not null or not waiting)), '[]'),
      'passkeys', coalesce((select jsonb_agg(jsonb_build_object('id', encode(f.handle, 'base64'), 'transports', to_jsonb(f.transports)) order by f.created_at)
                              from kernel.factor f where f.person_id = p.id and f.kind = 'passkey'), '[]'),
      'backupCodesLeft', kernel.backup_codes_left(p.id))
      from kernel.person p where p.id = holder.person_id);
end $$;

-- The second factor of a sign-in: takes the proof and mints the session, or counts it. Null when nothing waits for one (any more);
-- {"next": null}, {"wrong": true} or {"locked": seconds} otherwise.
create function kernel.pass_second_factor(
  token_hash bytea, method text, factor uuid, number bigint, mac bytea, secret_hash bytea, session_hash bytea, letters jsonb,
  request_id uuid, ip inet, device text
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  -- Before the person, as wherever a provider's word becomes a session.
  open_   constant boolean := kernel.sso_hold(token_hash);
  pending constant kernel.credential := kernel.own_pending(token_hash);
  anchor  bytea := token_hash;
  judged  text;
  session uuid;
begin
  if pending.id is null or not open_ or coalesce(method not in ('totp', 'backup-code', 'passkey'), true) then
    return null;
  end if;
  if method = 'passkey' then
    anchor := secret_hash;
    if not kernel.use_challenge(secret_hash, 'passkey-second-factor', token_hash, pending.person_id) then
      mac := null;
    end if;
  end if;
  judged := kernel.judge_factor(pending.person_id, 'second-factor', method, anchor, factor, number, mac, secret_hash, pending.sso_tenant_id);
  if judged <> 'passed' then
    update kernel.credential c
       set tries = c.tries + 1, ended_at = case when c.tries >= 4 then now() end, ended_why = case when c.tries >= 4 then 'too many wrong codes' end
     where c.id = pending.id and judged <> 'locked';
    perform kernel.note_refused_proof(pending.person_id, pending.id, judged, method, factor, letters,
                                      pass_second_factor.request_id, pass_second_factor.ip, pass_second_factor.device);
    return kernel.refused_proof(pending.person_id, pending.sso_tenant_id);
  end if;
  update kernel.credential c set ended_at = now(), ended_why = 'second factor passed' where c.id = pending.id;
  session := kernel.mint_session(pending.person_id, session_hash, pass_second_factor.ip, pass_second_factor.device, pending.factors || method,
                                 pending.sso_tenant_id);
  perform kernel.sso_carry(pending.id, session);
  perform kernel.audit_person(pending.person_id, session, 'sign-in', 'info', pass_second_factor.request_id, pass_second_factor.ip, pass_second_factor.device,
                              jsonb_build_object('factors', pending.factors || method));
  if method = 'backup-code' then
    perform kernel.notify_person(pending.person_id, letters, 'backup-code-used');
  end if;
  return jsonb_build_object('next', null, 'backupCodesLeft', kernel.backup_codes_left(pending.person_id));
end $$;

-- Opens a challenge for a passkey, good once, for one purpose, for five minutes, and for whoever holds this token: the session of
-- 'passkey-registration' and 'passkey-proof', the waiting sign-in of 'passkey-second-factor', nobody for 'passkey-sign-in'.
-- Tells whom it is for, and which passkeys are known; null when there is no such sign-in.
create function kernel.open_challenge(ticket_hash bytea, wanted text, token_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  holder kernel.credential;
begin
  case wanted
    when 'passkey-sign-in' then token_hash := null;
    when 'passkey-second-factor' then holder := kernel.own_pending(token_hash);
    when 'passkey-proof' then holder := kernel.own_session(token_hash, true);
    when 'passkey-registration' then
      holder := kernel.own_session(token_hash);
      perform kernel.demand_fresh_factor(holder);
  end case;
  if holder.id is null and wanted <> 'passkey-sign-in' then
    return null;
  end if;
  -- Anybody may ask for these; what nobody answered goes as others come.
  delete from kernel.ticket k where k.id in (
    select o.id from kernel.ticket o where o.expires_at < now() and o.purpose like 'passkey-%' order by o.expires_at limit 10 for update skip locked);
  insert into kernel.ticket (digest, purpose, person_id, browser, expires_at)
  values (kernel.ticket_digest(wanted, ticket_hash), wanted, holder.person_id, sha256(token_hash), now() + interval '5 min');
  return (
    select jsonb_build_object(
      'person', p.id, 'email', p.email, 'name', p.name,
      'passkeys', coalesce((select jsonb_agg(jsonb_build_object('id', encode(f.handle, 'base64'), 'transports', to_jsonb(f.transports)) order by f.created_at)
                              from kernel.factor f where f.person_id = p.id and f.kind = 'passkey'), '[]'))
      from (select holder.person_id as id offset 0) h left join kernel.person p on p.id = h.id);
end $$;

-- Uses a challenge up, whatever becomes of the answer to it. Internal.
create function kernel.use_challenge(ticket_hash bytea, wanted text, token_hash bytea, person uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket kernel.ticket;
begin
  ticket := kernel.redeem(ticket_hash, wanted, token_hash);
  return ticket.person_id is not distinct from person;
exception when sqlstate 'RF403' then
  return false;
end $$;

-- What checking the signature of a passkey takes.
create function kernel.passkey(handle bytea, out id uuid, out person_id uuid, out public_key bytea) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select f.id, f.person_id, f.public_key from kernel.factor f where f.handle = passkey.handle and f.kind = 'passkey';
end;

-- Signs in by a passkey that has verified its user, which is two factors at once. The server vouches for that with the MAC of this use.
-- Ends where every first factor ends; null when it was refused.
create function kernel.passkey_sign_in(
  ticket_hash bytea, factor uuid, number bigint, mac bytea, session_hash bytea, request_id uuid, ip inet, device text
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  person uuid;
  judged text := 'wrong';
begin
  perform kernel.demand_fresh_transaction();
  select f.person_id into person from kernel.factor f join kernel.person p on p.id = f.person_id and p.ended_at is null where f.id = factor;
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  if kernel.use_challenge(ticket_hash, 'passkey-sign-in', null, null) and person is not null then
    judged := kernel.judge_factor(person, 'passkey-sign-in', 'passkey', ticket_hash, factor, number, mac, null, null);
  end if;
  if judged <> 'passed' then
    if person is not null then
      perform kernel.note_refused_proof(person, null, judged, 'passkey', factor, '{}', passkey_sign_in.request_id, passkey_sign_in.ip, passkey_sign_in.device);
    else
      insert into kernel.refusal (reason, door, request_id, ip, device)
      values ('unknown-passkey', 'passkey-sign-in', passkey_sign_in.request_id, passkey_sign_in.ip, left(passkey_sign_in.device, 500));
    end if;
    return null;
  end if;
  return kernel.first_factor_passed(person, 'passkey', session_hash, passkey_sign_in.request_id, passkey_sign_in.ip, passkey_sign_in.device);
end $$;

-- Gives a session another token, after its person was proven once more. What runs under the old one is over when this has
-- returned. Internal.
create function kernel.renew_session(session kernel.credential, token_hash bytea, session_hash bytea, method text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.outwait(array[kernel.credential_lock(session.digest)]);
  update kernel.credential c
     set digest = sha256(session_hash), proved_at = now(),
         second_factor_at = case when method in ('totp', 'backup-code', 'passkey') then now() else c.second_factor_at end,
         -- What a remembered browser stood in for has been shown: it must not stand in for it once more when the factor is gone.
         factors = case when method = any (c.factors) then c.factors else array_remove(c.factors, 'remembered-device') || method end
   where c.id = session.id and c.digest = sha256(token_hash) and c.ended_at is null;
  if not found then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
  -- Programs that came in by less must not gain by it: a thief may have made them.
  if session.second_factor_at is null and method in ('totp', 'backup-code', 'passkey') then
    perform kernel.end_credentials(array(select c.id from kernel.credential c where c.parent_id = session.id and c.ended_at is null), 'second factor shown');
  end if;
  delete from kernel.pass p where p.credential_id = session.id;
end $$;

-- Proves once more who holds a session, by any of their factors, and gives the session another token. {"provedAt": time},
-- {"wrong": true} or {"locked": seconds}.
create function kernel.prove(
  token_hash bytea, method text, factor uuid, number bigint, mac bytea, secret_hash bytea, session_hash bytea, letters jsonb,
  request_id uuid, ip inet, device text
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash, true);
  anchor  bytea := token_hash;
  judged  text;
begin
  -- What an organization's identity provider vouched for is proven anew there: a password must not stand in for it.
  if session.sso_tenant_id is not null and method = 'password' then
    raise exception 'sign in again' using errcode = 'RF403';
  end if;
  -- Nor for a second factor that this session has not seen: a remembered browser opens no dangerous act.
  if method = 'password' and 'remembered-device' = any (session.factors) then
    raise exception 'second factor needed' using errcode = 'RF403';
  end if;
  if method = 'passkey' then
    anchor := secret_hash;
    if not kernel.use_challenge(secret_hash, 'passkey-proof', token_hash, session.person_id) then
      mac := null;
    end if;
  end if;
  judged := kernel.judge_factor(session.person_id, 'proof', method, anchor, factor, number, mac, secret_hash, session.sso_tenant_id);
  if judged <> 'passed' then
    perform kernel.note_refused_proof(session.person_id, session.id, judged, method, factor, letters, prove.request_id, prove.ip, prove.device);
    return kernel.refused_proof(session.person_id, session.sso_tenant_id);
  end if;
  perform kernel.renew_session(session, token_hash, session_hash, method);
  perform kernel.audit_person(session.person_id, session.id, 'prove', 'info', prove.request_id, prove.ip, prove.device,
                              jsonb_build_object('method', method));
  if method = 'backup-code' then
    perform kernel.notify_person(session.person_id, letters, 'backup-code-used');
  end if;
  return jsonb_build_object('provedAt', kernel.moment(now()));
end $$;

-- The person's other sessions, and sign-ins that wait, end: they were opened by other rules than those that hold from now on. Internal.
create function kernel.end_other_sessions(person uuid, kept uuid, why text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.end_credentials(array(
    select c.id from kernel.credential c
     where c.person_id = person and c.kind in ('session', 'pending') and c.id is distinct from kept and c.ended_at is null), why);
end $$;

create function kernel.replace_backup_codes(person uuid, code_hashes bytea[]) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(cardinality(code_hashes), 0) <> 10 then
    raise exception 'ten backup codes' using errcode = 'RF422';
  end if;
  delete from kernel.backup_code b where b.person_id = person;
  insert into kernel.backup_code (person_id, digest) select person, kernel.backup_digest(h) from unnest(code_hashes) h;
end $$;

-- After a factor was confirmed: with the first one, backup codes come into force and every other session ends, since a password
-- alone has opened it. True when the backup codes are the ones that came along. Internal.
create function kernel.factor_added(
  session kernel.credential, token_hash bytea, session_hash bytea, factor uuid, method text, code_hashes bytea[], letters jsonb,
  request_id uuid, ip inet, device text
) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  first_one boolean;
begin
  update kernel.person p set second_factor_since = now() where p.id = session.person_id and p.second_factor_since is null;
  first_one := found;
  if first_one then
    perform kernel.replace_backup_codes(session.person_id, code_hashes);
    perform kernel.end_other_sessions(session.person_id, session.id, 'second factor added');
  end if;
  perform kernel.renew_session(session, token_hash, session_hash, method);
  perform kernel.audit_factor(session.person_id, session.id, 'create', factor, 'warning',
    (select jsonb_build_object('kind', f.kind, 'name', f.name) from kernel.factor f where f.id = factor),
    factor_added.request_id, factor_added.ip, factor_added.device);
  perform kernel.notify_person(session.person_id, letters, 'factor-added');
  return first_one;
end $$;

-- Internal.
create function kernel.demand_room_for_factor(person uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if (select count(*) >= 20 from kernel.factor f where f.person_id = person and f.confirmed_at is not null) then
    raise exception 'twenty factors are the most' using errcode = 'RF409';
  end if;
end $$;

-- Begins to enrol an authenticator app; one that was begun before is forgotten.
create function kernel.begin_totp(token_hash bytea, factor uuid, secret bytea, inner_pad bytea, outer_digest bytea) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
begin
  perform kernel.demand_fresh_factor(session);
  perform kernel.demand_room_for_factor(session.person_id);
  delete from kernel.factor f where f.person_id = session.person_id and f.confirmed_at is null;
  insert into kernel.factor (id, person_id, kind, name, secret, inner_pad, outer_digest)
  values (factor, session.person_id, 'totp', 'Authenticator app', begin_totp.secret, begin_totp.inner_pad, begin_totp.outer_digest);
end $$;

-- The first code shows that the app has the secret: from now on the person has a second factor. Null when the code is wrong, else
-- whether the backup codes that came along are in force.
create function kernel.confirm_totp(
  token_hash bytea, factor uuid, name text, number bigint, mac bytea, code_hashes bytea[], session_hash bytea, letters jsonb,
  request_id uuid, ip inet, device text
) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
begin
  perform kernel.demand_fresh_factor(session);
  update kernel.factor f set confirmed_at = now(), last_step = number, last_used_at = now(), name = confirm_totp.name
   where f.id = factor and f.person_id = session.person_id and f.kind = 'totp' and f.confirmed_at is null and f.created_at > now() - interval '30 min'
     and kernel.vouched(mac, f.inner_pad, f.outer_digest,
           format('%s|%s|%s|%s|%s', 'enrolment', 'totp', encode(token_hash, 'hex'), factor, number))
     and number between kernel.totp_step() - 2 and kernel.totp_step() + 1;
  if not found then
    return null;
  end if;
  return kernel.factor_added(session, token_hash, session_hash, factor, 'totp', code_hashes, letters, confirm_totp.request_id, confirm_totp.ip, confirm_totp.device);
end $$;

-- Adds a passkey; its challenge was opened for this very session. True when the backup codes that came along are in force.
create function kernel.add_passkey(
  token_hash bytea, ticket_hash bytea, factor uuid, name text, handle bytea, public_key bytea, number bigint, transports text[],
  inner_pad bytea, outer_digest bytea, code_hashes bytea[], session_hash bytea, letters jsonb, request_id uuid, ip inet, device text
) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
begin
  perform kernel.demand_fresh_factor(session);
  perform kernel.demand_room_for_factor(session.person_id);
  if not kernel.use_challenge(ticket_hash, 'passkey-registration', token_hash, session.person_id) then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  begin
    insert into kernel.factor (id, person_id, kind, name, handle, public_key, counter, transports, inner_pad, outer_digest, confirmed_at)
    values (factor, session.person_id, 'passkey', add_passkey.name, add_passkey.handle, add_passkey.public_key, number, add_passkey.transports,
            add_passkey.inner_pad, add_passkey.outer_digest, now());
  exception when unique_violation then
    raise exception 'this passkey is known already' using errcode = 'RF409';
  end;
  return kernel.factor_added(session, token_hash, session_hash, factor, 'passkey', code_hashes, letters, add_passkey.request_id, add_passkey.ip, add_passkey.device);
end $$;

create function kernel.rename_factor(token_hash bytea, factor uuid, name text, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
begin
  update kernel.factor f set name = rename_factor.name where f.id = factor and f.person_id = session.person_id and f.confirmed_at is not null;
  if not found then
    raise exception 'no such factor' using errcode = 'RF404';
  end if;
  perform kernel.audit_factor(session.person_id, session.id, 'change', factor, 'info', jsonb_build_object('name', rename_factor.name),
                              rename_factor.request_id, rename_factor.ip, rename_factor.device);
end $$;

-- Takes a factor away. With the last one go the backup codes and every other session; this one is one of a password from then on, which
-- an organization that asks for more lets in no longer.
create function kernel.remove_factor(token_hash bytea, factor uuid, letters jsonb, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
  was kernel.factor;
begin
  perform kernel.demand_fresh_factor(session);
  delete from kernel.factor f where f.id = factor and f.person_id = session.person_id and f.confirmed_at is not null returning f.* into was;
  if was.id is null then
    raise exception 'no such factor' using errcode = 'RF404';
  end if;
  if not exists (select from kernel.factor f where f.person_id = session.person_id and f.confirmed_at is not null) then
    perform kernel.keep_break_glass_factor(session.person_id);
    update kernel.person p set second_factor_since = null where p.id = session.person_id;
    delete from kernel.backup_code b where b.person_id = session.person_id;
    perform kernel.end_other_sessions(session.person_id, session.id, 'second factor removed');
    update kernel.credential c set second_factor_at = null where session.id in (c.id, c.parent_id);
  end if;
  perform kernel.audit_factor(session.person_id, session.id, 'remove', factor, 'warning', jsonb_build_object('kind', was.kind, 'name', was.name),
                              remove_factor.request_id, remove_factor.ip, remove_factor.device);
  perform kernel.notify_person(session.person_id, letters, 'factor-removed');
end $$;

create function kernel.renew_backup_codes(token_hash bytea, code_hashes bytea[], letters jsonb, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
begin
  perform kernel.demand_fresh_factor(session);
  if (select p.second_factor_since is null from kernel.person p where p.id = session.person_id) then
    raise exception 'backup codes stand in for a second factor, and there is none' using errcode = 'RF409';
  end if;
  perform kernel.replace_backup_codes(session.person_id, code_hashes);
  perform kernel.audit_factor(session.person_id, session.id, 'renew-backup-codes', null, 'warning', null,
                              renew_backup_codes.request_id, renew_backup_codes.ip, renew_backup_codes.device);
  perform kernel.notify_person(session.person_id, letters, 'backup-codes-renewed');
end $$;

-- What protects the person's account, for its own page.
create function kernel.own_security(token_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash, true);
begin
  return (
    select jsonb_build_object(
      'password', jsonb_build_object('set', p.verifier is not null),
      'factors', coalesce((select jsonb_agg(jsonb_build_object('id', f.id, 'kind', f.kind, 'name', f.name, 'createdAt', kernel.moment(f.created_at), 'lastUsedAt', kernel.moment(f.last_used_at))
                                            order by f.created_at)
                             from kernel.factor f where f.person_id = p.id and f.confirmed_at is not null), '[]'),
      'backupCodesLeft', kernel.backup_codes_left(p.id),
      -- As kernel.gate counts.
      'freshSeconds', greatest(0, coalesce(floor(extract(epoch from session.proved_at + interval '10 min' - now())), 0))::integer)
        || case when 'remembered-device' = any (session.factors) then '{"remembered": true}' else '{}' end::jsonb
      from kernel.person p where p.id = session.person_id);
end $$;

-- For a member who has lost every factor. Only of somebody who belongs to no other organization, or the admins of one would take
-- away what guards the data of another; and of nobody who may do more than whoever asks.
create function kernel.reset_factors(member uuid, letters jsonb) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  was kernel.membership;
begin
  -- The person before the membership, as off-boarding has it.
  perform pg_advisory_xact_lock(kernel.person_lock((select m.person_id from kernel.membership m where m.tenant_id = tenant and m.id = member)));
  select m.* into was from kernel.membership m where m.tenant_id = tenant and m.id = member and m.ended_at is null for update;
  if was.id is null then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  perform kernel.demand_grantable(tenant, was.roles);
  if was.person_id = ((kernel.verified())[5])::uuid then
    raise exception 'one''s own factors are changed under one''s own security' using errcode = 'RF409';
  end if;
  if exists (select from kernel.membership m where m.person_id = was.person_id and m.tenant_id <> tenant and m.ended_at is null)
     or (select p.second_factor_since is null from kernel.person p where p.id = was.person_id) then
    raise exception 'there is no second factor that this organization could take away' using errcode = 'RF409';
  end if;
  perform kernel.keep_break_glass_factor(was.person_id);
  delete from kernel.factor f where f.person_id = was.person_id;
  delete from kernel.backup_code b where b.person_id = was.person_id;
  delete from kernel.factor_tally t where t.person_id = was.person_id;
  update kernel.person p set second_factor_since = null where p.id = was.person_id;
  perform kernel.end_other_sessions(was.person_id, null, 'second factor reset');
  perform kernel.audit('reset-factors', 'member', member, null, null, 'critical');
  perform kernel.notify_person(was.person_id, letters, 'factors-reset');
end $$;

grant execute on function
  kernel.factor_ground(bytea, boolean), kernel.open_challenge(bytea, text, bytea), kernel.passkey(bytea),
  kernel.pass_second_factor(bytea, text, uuid, bigint, bytea, bytea, bytea, jsonb, uuid, inet, text),
  kernel.passkey_sign_in(bytea, uuid, bigint, bytea, bytea, uuid, inet, text),
  kernel.prove(bytea, text, uuid, bigint, bytea, bytea, bytea, jsonb, uuid, inet, text),
  kernel.begin_totp(bytea, uuid, bytea, bytea, bytea),
  kernel.confirm_totp(bytea, uuid, text, bigint, bytea, bytea[], bytea, jsonb, uuid, inet, text),
  kernel.add_passkey(bytea, bytea, uuid, text, bytea, bytea, bigint, text[], bytea, bytea, bytea[], bytea, jsonb, uuid, inet, text),
  kernel.rename_factor(bytea, uuid, text, uuid, inet, text), kernel.remove_factor(bytea, uuid, jsonb, uuid, inet, text),
  kernel.renew_backup_codes(bytea, bytea[], jsonb, uuid, inet, text), kernel.own_security(bytea)
  to rf_auth;
grant execute on function kernel.reset_factors(uuid, jsonb) to rf_api;
