-- Mail to a person rather than from an organization, and what its links are good for: a new password, a sign-in without one,
-- another address, an end of a lock.

set local role rf_kernel;

call kernel.drop_statistics('kernel.person_mail');

-- Puts a letter to one person into the outbox. It is never sent in the transaction that asks for it: what an answer takes
-- must not tell whether there was anybody to write to. Internal.
create function kernel.queue_person_mail(
  mail_id uuid, address text, subject text, purpose text, sealed_body bytea, in_name_of uuid default null
) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.person_mail (id, to_address, subject, purpose, body, tenant_id)
  values (mail_id, address, queue_person_mail.subject, queue_person_mail.purpose, sealed_body, in_name_of)
$$;

-- Leases letters that are due, and those whose sender died. What could not be sent within a day, or an invitation within seven, is not sent any
-- more: its links are dead by then. Nor is what the demo's organizations wrote, whose people do not exist.
create function kernel.lease_person_mail(lease_hash bytea, seconds integer, wanted integer)
returns table (id uuid, to_address text, subject text, body bytea, attempt smallint) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform kernel.grant_wishes();
  update kernel.person_mail m set state = 'failed', failure = coalesce(m.failure, 'nobody sent it within a day')
   where m.state = 'waiting' and m.created_at < now() - case when m.purpose = 'invitation' then interval '7 days' else interval '1 day' end
     and not exists (select from kernel.tenant t where t.id = m.tenant_id and t.demo);
  return query
  with due as (
    select m.id from kernel.person_mail m
     where m.state = 'waiting' and m.run_at <= now() and (m.leased_until is null or m.leased_until < now())
       and not exists (select from kernel.tenant t where t.id = m.tenant_id and (t.demo or t.state <> 'active'))
     order by m.run_at limit least(wanted, 50) for update skip locked)
  update kernel.person_mail m
     set attempts = m.attempts + 1, lease_digest = sha256(lease_hash), leased_until = now() + make_interval(secs => least(seconds, 600))
    from due where m.id = due.id
  returning m.id, m.to_address, m.subject, m.body, m.attempts;
end $$;

-- `retry_seconds` null means that nobody will try again.
create function kernel.settle_person_mail(mail_id uuid, lease_hash bytea, failure text, retry_seconds integer) returns text
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.person_mail m
     set state = case when settle_person_mail.failure is null then 'sent' when retry_seconds is null then 'failed' else 'waiting' end,
         body = case when settle_person_mail.failure is not null then m.body end,
         failure = left(settle_person_mail.failure, 300), lease_digest = null, leased_until = null,
         run_at = now() + make_interval(secs => coalesce(retry_seconds, 0)),
         sent_at = case when settle_person_mail.failure is null then now() end
   where m.id = mail_id and m.state = 'waiting' and m.lease_digest = sha256(lease_hash)
  returning m.state
$$;
grant execute on function kernel.lease_person_mail(bytea, integer, integer), kernel.settle_person_mail(uuid, bytea, text, integer) to rf_worker;

-- The operator's look at people's own mail, for an installation without a relay; with an organization named, only at what was written in its
-- name. It stands in the trail of that organization, or else of each that an addressed person belongs to. Bodies stay sealed: opening them takes the
-- installation's secret too.
create function kernel.operator_person_outbox(organization text default null)
returns table (id uuid, to_address text, subject text, purpose text, body bytea, state text, failure text, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  tenant uuid;
begin
  perform kernel.grant_wishes();
  select t.id into tenant from kernel.tenant t where t.slug = organization;
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity)
  select distinct k.tenant_id, 'operator', 'read', 'outbox', p.id, 'notice'
    from kernel.person_mail m
    join kernel.person p on lower(p.email) collate "C" = lower(m.to_address) collate "C"
    join kernel.membership k on k.person_id = p.id and k.ended_at is null and k.until is null
   where m.state in ('waiting', 'failed') and m.tenant_id is null and organization is null
  union
  select m.tenant_id, 'operator', 'read', 'outbox', null::uuid, 'notice' from kernel.person_mail m
   where m.state in ('waiting', 'failed') and (m.tenant_id = tenant or m.tenant_id is not null and organization is null);
  return query
  select m.id, m.to_address, m.subject, m.purpose, m.body, m.state, m.failure, m.created_at
    from kernel.person_mail m where m.state in ('waiting', 'failed') and (organization is null or m.tenant_id = tenant)
   order by m.created_at desc limit 200;
end $$;
grant execute on function kernel.operator_person_outbox(text) to rf_ops;

-- When the password was set last; null while it is the first one.
alter table kernel.person add column password_changed_at timestamptz;
call kernel.drop_statistics('kernel.person');
-- For what is found by the browser that asked, whatever it brings.
create index ticket_browser on kernel.ticket (browser) where browser is not null;

-- How many letters of one purpose an address was sent because somebody typed it, whoever that was: 5 an hour, 10 a day. Under a digest of
-- both: what strangers ask for of one kind leaves the other kinds as they are.
create table kernel.mail_budget (
  recipient  bytea primary key check (octet_length(recipient) = 32),
  hour_from  timestamptz not null default now(),
  hour_count integer not null default 1,
  day_from   timestamptz not null default now(),
  day_count  integer not null default 1
);
create index mail_budget_age on kernel.mail_budget (day_from);

-- Links that were asked for, before anybody has looked whether there is somebody to write to.
create table kernel.link_wish (
  id         uuid primary key default kernel.uuidv7(),
  purpose    text not null,
  address    text not null,
  digest     bytea not null check (octet_length(digest) = 32),
  payload    jsonb,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  mail_id    uuid not null,
  subject    text not null,
  body       bytea not null,
  request_id uuid,
  ip         inet,
  device     text
);
call kernel.drop_statistics('kernel.link_wish');

-- Tries at signing in to one account from one place: a network, or a browser that has signed in there before. `refused` says
-- what the latest try came to, so that one statement counts and judges.
create table kernel.sign_in_try (
  account bytea not null check (octet_length(account) = 32),
  place   bytea not null check (octet_length(place) = 32),
  tries   integer not null default 1,
  free_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  refused boolean not null default false,
  primary key (account, place)
);
create index sign_in_try_age on kernel.sign_in_try (last_at);

-- Consecutive failures of an account from everywhere but the browsers that it knows (NIST SP 800-63B-4: at most 100).
create table kernel.sign_in_lock (
  account         bytea primary key check (octet_length(account) = 32),
  tries           integer not null default 1,
  last_at         timestamptz not null default now(),
  unlock_asked_at timestamptz
);
create index sign_in_lock_age on kernel.sign_in_lock (last_at);

-- Browsers that have signed in as this person: what strangers do to the account is not counted against them.
create table kernel.known_device (
  person_id  uuid not null references kernel.person on delete cascade,
  digest     bytea not null check (octet_length(digest) = 32),
  created_at timestamptz not null default now(),
  seen_at    timestamptz not null default now(),
  primary key (person_id, digest)
);
call kernel.drop_statistics('kernel.mail_budget');
call kernel.drop_statistics('kernel.sign_in_try');
call kernel.drop_statistics('kernel.sign_in_lock');
call kernel.drop_statistics('kernel.known_device');

-- What an address is counted under, whether or not anybody has it.
create function kernel.account_digest(address text) returns bytea language sql stable
set search_path = pg_catalog, pg_temp
return sha256(convert_to('account|' || lower(address), 'UTF8'));

-- Whether one more letter of this purpose may go to this address; counted by the statement that asks. Internal.
create function kernel.take_mail_budget(purpose text, address text) returns boolean language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.mail_budget as b (recipient) values (sha256(convert_to(purpose || '|' || lower(address), 'UTF8')))
  on conflict (recipient) do update
    set hour_from = case when b.hour_from <= now() - interval '1 hour' then now() else b.hour_from end,
        hour_count = case when b.hour_from <= now() - interval '1 hour' then 1 else b.hour_count + 1 end,
        day_from = case when b.day_from <= now() - interval '1 day' then now() else b.day_from end,
        day_count = case when b.day_from <= now() - interval '1 day' then 1 else b.day_count + 1 end
  returning b.hour_count <= 5 and b.day_count <= 10
$$;

-- The person behind an address, if there is one who reads mail. Internal.
create function kernel.person_at(address text) returns kernel.person language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select p.* from kernel.person p
   where lower(p.email) collate "C" = lower(address) collate "C" and p.ended_at is null and p.kind = 'person'
$$;

-- Asks for a link that proves a mailbox. Whether anybody has the address is not looked at here: the request does the same for each, and
-- kernel.grant_wishes, which no request waits for, finds out. Internal.
create function kernel.ask_link(
  wanted text, address text, ticket_hash bytea, ticket_payload jsonb, seconds integer,
  mail_id uuid, subject text, sealed_body bytea, request_id uuid, ip inet, device text, word bytea
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  -- Else whoever has the password of the door would choose a digest, and use the link without ever having read the letter.
  perform kernel.demand_word(word, concat_ws('|', wanted, address, encode(ticket_hash, 'hex')));
  insert into kernel.link_wish (purpose, address, digest, payload, expires_at, mail_id, subject, body, request_id, ip, device)
  values (wanted, address, kernel.ticket_digest(wanted, ticket_hash), ticket_payload, now() + make_interval(secs => seconds),
          mail_id, ask_link.subject, sealed_body, ask_link.request_id, ask_link.ip, left(ask_link.device, 500));
end $$;

-- Turns wishes into tickets and letters, where somebody has the address, the letter leads them anywhere, and was not sent too many. The letter goes to
-- the address that is stored, never to the one that was typed. One at a time and in the order of asking, so that the newest stays. Internal.
create function kernel.grant_wishes() returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  wish   kernel.link_wish;
  person kernel.person;
  sent   boolean;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('kernel.grant_wishes', 7462)) then
    return;
  end if;
  for wish in select w.* from kernel.link_wish w order by w.id limit 200 loop
    delete from kernel.link_wish w where w.id = wish.id;
    continue when wish.expires_at <= now();
    person := kernel.person_at(wish.address);
    -- A lock asks for its letter once an hour by itself (kernel.ask_unlock), and a day's budget would run out in ten of them.
    sent := person.id is not null and (wish.purpose = 'unlock' or kernel.take_mail_budget(wish.purpose, wish.address))
      and not kernel.shut(person.id, case wish.purpose when 'magic-link' then 'link' else 'password' end)
      and not kernel.mailbox_lost(person.id);
    if sent then
      if wish.purpose = 'password-reset' then
        update kernel.ticket t set ended_at = now()
         where t.person_id = person.id and t.purpose = wish.purpose and t.used_at is null and t.ended_at is null;
      end if;
      insert into kernel.ticket (digest, purpose, person_id, payload, created_at, expires_at)
      values (wish.digest, wish.purpose, person.id, wish.payload, wish.created_at, wish.expires_at);
      perform kernel.queue_person_mail(wish.mail_id, person.email, wish.subject, wish.purpose, wish.body);
    end if;
    if person.id is null then
      insert into kernel.refusal (reason, door, request_id, ip, device)
      values ('no-such-person', wish.purpose, wish.request_id, wish.ip, wish.device);
    else
      perform kernel.audit_person(person.id, null, wish.purpose || case when sent then '-asked' else '-withheld' end, 'notice',
                                  wish.request_id, wish.ip, wish.device);
    end if;
  end loop;
end $$;

-- Ends all that could still sign somebody in as this person: sessions, half-done sign-ins, links. `but` is spared. Internal.
create function kernel.end_sign_ins(person uuid, but uuid, why text) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  mine  uuid[];
  ended integer := 0;
begin
  -- No new session while this goes on.
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  loop
    select array_agg(c.id) into mine from kernel.credential c
     where c.person_id = person and c.ended_at is null
       and (c.kind in ('session', 'pending') and c.id is distinct from but or c.kind = 'refresh' and c.parent_id = but);
    exit when mine is null;
    ended := ended + cardinality(mine);
    perform kernel.end_credentials(mine, why);
  end loop;
  update kernel.ticket t set ended_at = now()
   where t.person_id = person and t.purpose in ('password-reset', 'magic-link', 'magic-code', 'email-change-old', 'email-change-new', 'unlock')
     and t.used_at is null and t.ended_at is null;
  delete from kernel.known_device d where d.person_id = person;
  return ended;
end $$;

-- Ends sign-ins of a person that wait for their second factor and began with this first one, and links for these purposes: what they were proved
-- by is theirs no longer. Internal.
create function kernel.end_begun(person uuid, first_factor text, purposes text[], why text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  perform kernel.end_credentials(array(select c.id from kernel.credential c
    where c.person_id = end_begun.person and c.kind = 'pending' and first_factor = any (c.factors) and c.ended_at is null), why);
  update kernel.ticket t set ended_at = now()
   where t.person_id = end_begun.person and t.purpose = any (purposes) and t.used_at is null and t.ended_at is null;
end $$;

-- What was mailed to an address that is a person's no longer is good no more. Internal.
create function kernel.leave_mailbox(person uuid) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select kernel.end_begun(leave_mailbox.person, 'link', '{password-reset,magic-link,magic-code,email-change-old,email-change-new,unlock}', 'another address')
$$;

-- What surrounds a person's new password, and whether a second factor or single sign-on stands beside it wherever it is used,
-- so that it may be shorter. Internal.
create function kernel.password_context(person uuid) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'words', to_jsonb(array[p.name, p.email] || array(
      select x from kernel.membership m join kernel.tenant t on t.id = m.tenant_id cross join lateral (values (t.name), (t.slug)) v (x)
       where m.person_id = p.id and m.ended_at is null)),
    'covered', p.second_factor_since is not null
            or (select coalesce(bool_and(w.second_factor or not w.beside_sso), false) from kernel.ways_in(p.id) w))
    from kernel.person p where p.id = person
$$;

-- Password reset: the link, what its page must know, and its use. It signs nobody in and skips no second factor.
create function kernel.ask_password_reset(
  address text, ticket_hash bytea, mail_id uuid, subject text, sealed_body bytea, request_id uuid, ip inet, device text, word bytea
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select kernel.ask_link('password-reset', address, ticket_hash, null, 3600, mail_id, subject, sealed_body, request_id, ip, device, word)
$$;

create function kernel.password_reset_context(ticket_hash bytea) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  asked uuid;
begin
  select t.person_id into asked from kernel.ticket t
   where t.digest = kernel.ticket_digest('password-reset', ticket_hash) and t.purpose = 'password-reset'
     and t.used_at is null and t.ended_at is null and t.expires_at > now();
  if asked is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return kernel.password_context(asked);
end $$;

-- An organization that has shown a domain to be its own gets the address to itself: what somebody has made ahead for an address
-- of it without ever having shown that the mailbox is theirs (pre-hijacking) opens nothing any more. But it takes nothing away that guards another
-- organization: false for somebody who belongs to one that is not closed, of whom nothing is taken and whom whoever asks leaves outside. Internal.
create function kernel.reclaim_person(person uuid) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  -- A new membership holds its person's row by its foreign key: whoever is just joining or founding an organization is waited for.
  perform from kernel.person p
    where p.id = person and kernel.mailbox_proved_at(p.id) is null and (p.verifier is not null or p.second_factor_since is not null) for update;
  if not found then
    return true;
  end if;
  if exists (select from kernel.membership m join kernel.tenant t on t.id = m.tenant_id and t.state <> 'closed'
              where m.person_id = person and m.ended_at is null) then
    return false;
  end if;
  update kernel.person p set recipe = null, verifier = null, second_factor_since = null, email_proved_at = null where p.id = person;
  delete from kernel.factor f where f.person_id = person;
  delete from kernel.backup_code b where b.person_id = person;
  perform kernel.end_sign_ins(person, null, 'the address was shown to be another''s');
  perform kernel.end_credentials(array(select c.id from kernel.credential c where c.person_id = person and c.kind = 'key' and c.ended_at is null),
                                 'the address was shown to be another''s');
  return true;
end $$;

create function kernel.redeem_password_reset(
  ticket_hash bytea, recipe jsonb, verifier bytea, mail_id uuid, subject text, sealed_body bytea, request_id uuid, ip inet, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket constant kernel.ticket := kernel.redeem(ticket_hash, 'password-reset');
  address constant text := (select p.email from kernel.person p where p.id = ticket.person_id and p.ended_at is null);
begin
  if address is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  delete from kernel.sign_in_lock l where l.account = kernel.account_digest(address);
  update kernel.person p
     set recipe = redeem_password_reset.recipe, verifier = redeem_password_reset.verifier, password_changed_at = now(), email_proved_at = now()
   where p.id = ticket.person_id;
  perform kernel.end_sign_ins(ticket.person_id, null, 'password reset');
  perform kernel.queue_person_mail(mail_id, address, redeem_password_reset.subject, 'password-changed', sealed_body);
  perform kernel.audit_person(ticket.person_id, null, 'password-reset', 'warning',
                              redeem_password_reset.request_id, redeem_password_reset.ip, redeem_password_reset.device);
end $$;

-- Magic link: good in the browser that asked for it. Opened in another one it signs nobody in, and gives a code for the first.
create function kernel.ask_magic_link(
  address text, ticket_hash bytea, browser_hash bytea, seconds integer, mail_id uuid, subject text, sealed_body bytea,
  request_id uuid, ip inet, device text, word bytea
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select kernel.ask_link('magic-link', address, ticket_hash, jsonb_build_object('browser', encode(sha256(browser_hash), 'hex')),
                         least(seconds, 900), mail_id, subject, sealed_body, request_id, ip, device, word)
$$;

-- A link that signs its reader in has shown whose the mailbox is. A password from before was set by somebody of whom nobody knows that (pre-hijacking), and
-- opens nothing any more, nor what it opened; unless the link came back to a browser in which it was used. Nothing changes for who has a second
-- factor: a mailbox does not take that away, and so shows nothing alone. Internal.
create function kernel.mailbox_shown(person uuid, device_hash bytea, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  someone kernel.person;
begin
  perform pg_advisory_xact_lock(kernel.person_lock(person));
  select p.* into someone from kernel.person p where p.id = person for no key update;
  if kernel.mailbox_proved_at(person) is not null or someone.second_factor_since is not null then
    return;
  end if;
  if someone.verifier is null or exists (
       select from kernel.known_device d
        where d.digest = sha256(device_hash) and d.person_id = person and d.seen_at > now() - interval '180 days') then
    update kernel.person p set email_proved_at = now() where p.id = person;
    return;
  end if;
  update kernel.person p set email_proved_at = now(), recipe = null, verifier = null, password_changed_at = now() where p.id = person;
  perform kernel.end_sign_ins(person, null, 'the address was shown to be another''s');
  perform kernel.audit_person(person, null, 'mailbox-shown', 'warning', mailbox_shown.request_id, mailbox_shown.ip, mailbox_shown.device);
end $$;

-- Passes on what kernel.first_factor_passed says, or {"next": "code"}: the digest of the code is then kept, bound to the browser that asked.
create function kernel.redeem_magic_link(
  ticket_hash bytea, browser_hash bytea, code_hash bytea, session_hash bytea, request_id uuid, ip inet, device text, device_hash bytea default null
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket constant kernel.ticket := kernel.redeem(ticket_hash, 'magic-link');
  asking constant bytea := decode(ticket.payload ->> 'browser', 'hex');
begin
  perform from kernel.person p where p.id = ticket.person_id and p.ended_at is null and p.kind = 'person';
  if not found then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  if asking = sha256(browser_hash) then
    perform kernel.mailbox_shown(ticket.person_id, device_hash, redeem_magic_link.request_id, redeem_magic_link.ip, redeem_magic_link.device);
    return kernel.first_factor_passed(ticket.person_id, 'link', session_hash, redeem_magic_link.request_id, redeem_magic_link.ip, redeem_magic_link.device);
  end if;
  update kernel.ticket t set ended_at = now()
   where t.browser = asking and t.purpose = 'magic-code' and t.used_at is null and t.ended_at is null;
  -- Its digest is of nothing that anybody knows: a code is found by its browser only.
  insert into kernel.ticket (digest, purpose, person_id, browser, payload, expires_at)
  values (kernel.ticket_digest('magic-code', kernel.random_block()), 'magic-code', ticket.person_id, asking,
          jsonb_build_object('code', encode(sha256(code_hash || asking), 'hex')), now() + interval '5 min');
  perform kernel.audit_person(ticket.person_id, null, 'magic-link-elsewhere', 'notice',
                              redeem_magic_link.request_id, redeem_magic_link.ip, redeem_magic_link.device);
  return '{"next": "code"}';
end $$;

-- The code, typed into the browser that asked: five tries, each counted by the statement that judges it. Null when it is wrong, since
-- raising would take the count back.
create function kernel.redeem_magic_code(
  browser_hash bytea, code_hash bytea, session_hash bytea, request_id uuid, ip inet, device text, device_hash bytea default null
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  person uuid;
  right_code boolean;
begin
  perform pg_advisory_xact_lock(kernel.person_lock(t.person_id)) from kernel.ticket t
   where t.browser = sha256(browser_hash) and t.purpose = 'magic-code' and t.used_at is null and t.ended_at is null and t.expires_at > now();
  update kernel.ticket t
     set tries = t.tries + 1,
         used_at = case when t.payload ->> 'code' = encode(sha256(code_hash || t.browser), 'hex') then now() end
   where t.browser = sha256(browser_hash) and t.purpose = 'magic-code' and t.tries < 5
     and t.used_at is null and t.ended_at is null and t.expires_at > now()
  returning t.person_id, t.used_at is not null into person, right_code;
  if right_code is not true or not exists (select from kernel.person p where p.id = person and p.ended_at is null) then
    insert into kernel.refusal (reason, door, person_id, request_id, ip, device)
    values ('wrong-code', 'magic-code', person, redeem_magic_code.request_id, redeem_magic_code.ip, left(redeem_magic_code.device, 500));
    if person is not null then
      perform kernel.audit_person(person, null, 'sign-in-refused', 'warning', redeem_magic_code.request_id, redeem_magic_code.ip, redeem_magic_code.device,
                                  '{"method": "link", "reason": "wrong-code"}');
    end if;
    return null;
  end if;
  perform kernel.mailbox_shown(person, device_hash, redeem_magic_code.request_id, redeem_magic_code.ip, redeem_magic_code.device);
  return kernel.first_factor_passed(person, 'link', session_hash, redeem_magic_code.request_id, redeem_magic_code.ip, redeem_magic_code.device);
end $$;

-- Another address: both mailboxes must say yes, the old one and the new one, in any order. An address that somebody else has gets no
-- letter, and whoever asked is told nothing.
create function kernel.ask_email_change(
  token_hash bytea, address text, old_ticket_hash bytea, new_ticket_hash bytea,
  old_mail_id uuid, old_sealed bytea, new_mail_id uuid, new_sealed bytea, subject text, request_id uuid, ip inet, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
  change  constant jsonb := jsonb_build_object('change', kernel.uuidv7(), 'email', address);
  was     text;
  sent    boolean;
begin
  if session.proved_at is null or session.proved_at < now() - interval '10 min' then
    raise exception 'fresh proof needed' using errcode = 'RF403';
  end if;
  select p.email into was from kernel.person p where p.id = session.person_id;
  if lower(was) = lower(address) then
    raise exception 'This is your address already.' using errcode = 'RF422';
  end if;
  sent := kernel.take_mail_budget('email-change-new', address);
  if not kernel.take_mail_budget('email-change-old', was) then
    raise exception 'too many letters' using errcode = 'RF429';
  end if;
  sent := sent and not exists (select from kernel.person p where lower(p.email) collate "C" = lower(address) collate "C");
  update kernel.ticket t set ended_at = now()
   where t.person_id = session.person_id and t.purpose in ('email-change-old', 'email-change-new') and t.used_at is null and t.ended_at is null;
  insert into kernel.ticket (digest, purpose, person_id, payload, expires_at, ended_at) values
    (kernel.ticket_digest('email-change-old', old_ticket_hash), 'email-change-old', session.person_id, change, now() + interval '1 hour', null),
    (kernel.ticket_digest('email-change-new', new_ticket_hash), 'email-change-new', session.person_id, change, now() + interval '1 hour',
     case when not sent then now() end);
  perform kernel.queue_person_mail(old_mail_id, was, ask_email_change.subject, 'email-change-old', old_sealed);
  if sent then
    perform kernel.queue_person_mail(new_mail_id, address, ask_email_change.subject, 'email-change-new', new_sealed);
  end if;
  perform kernel.audit_person(session.person_id, session.id, 'email-change-asked', 'warning',
                              ask_email_change.request_id, ask_email_change.ip, ask_email_change.device);
end $$;

-- True when this was the second of the two.
create function kernel.redeem_email_change(
  ticket_hash bytea, old_mail_id uuid, old_sealed bytea, new_mail_id uuid, new_sealed bytea, subject text, request_id uuid, ip inet, device text
) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  half constant text := (
    select t.purpose from kernel.ticket t
     where t.digest in (kernel.ticket_digest('email-change-old', ticket_hash), kernel.ticket_digest('email-change-new', ticket_hash)));
  ticket constant kernel.ticket := kernel.redeem(ticket_hash, coalesce(half, 'email-change-new'));
  was text;
begin
  -- Two halves at the same time: the second waits here, and sees what the first did.
  select p.email into was from kernel.person p where p.id = ticket.person_id and p.ended_at is null for no key update;
  if was is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  if not exists (select from kernel.ticket t
                  where t.person_id = ticket.person_id and t.purpose in ('email-change-old', 'email-change-new') and t.purpose <> ticket.purpose
                    and t.payload ->> 'change' = ticket.payload ->> 'change' and t.used_at is not null) then
    perform kernel.audit_person(ticket.person_id, null, ticket.purpose || '-confirmed', 'notice',
                                redeem_email_change.request_id, redeem_email_change.ip, redeem_email_change.device);
    return false;
  end if;
  begin
    -- Its link was mailed there.
    update kernel.person p set email = ticket.payload ->> 'email', email_proved_at = now() where p.id = ticket.person_id;
  exception when unique_violation then
    raise exception 'taken' using errcode = 'RF409', hint = 'email';
  end;
  perform kernel.leave_mailbox(ticket.person_id);
  perform kernel.queue_person_mail(old_mail_id, was, redeem_email_change.subject, 'email-changed', old_sealed);
  perform kernel.queue_person_mail(new_mail_id, ticket.payload ->> 'email', redeem_email_change.subject, 'email-changed', new_sealed);
  perform kernel.audit_person(ticket.person_id, null, 'email-change', 'warning',
                              redeem_email_change.request_id, redeem_email_change.ip, redeem_email_change.device);
  return true;
end $$;

-- Counts a try from one place and says how many seconds it must wait; 0 means that it may be judged. Five are free, then 1, 2, 4 … 60
-- seconds; one that comes too early is neither judged nor counted. Internal.
create function kernel.count_try(account bytea, place bytea, out wait integer, out tries integer) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
begin
  insert into kernel.sign_in_try as t (account, place) values (account, place)
  on conflict on constraint sign_in_try_pkey do update
    set refused = t.free_at > now(),
        tries = case when t.free_at > now() then t.tries when t.last_at < now() - interval '1 hour' then 1 else t.tries + 1 end,
        free_at = case when t.free_at > now() then t.free_at
                       when t.last_at < now() - interval '1 hour' or t.tries + 1 < 5 then now()
                       else now() + make_interval(secs => least(60, 2 ^ least(t.tries + 1 - 5, 6))) end,
        last_at = now()
  returning case when t.refused then greatest(1, ceil(extract(epoch from t.free_at - now()))::integer) else 0 end, t.tries into wait, tries;
end $$;

-- Where a try at an account comes from: a browser that the person has signed in with before, else the network, /64 in IPv6. Internal.
create function kernel.place_of_try(address text, ip inet, device_hash bytea, out place bytea, out known boolean) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select case when k.known then sha256('device|'::bytea || device_hash)
              else sha256(convert_to('network|' || coalesce(network(set_masklen(ip, case family(ip) when 4 then 32 else 64 end))::text, ''), 'UTF8')) end,
         k.known
    from (select exists (
            select from kernel.known_device d
             where d.person_id = (kernel.person_at(address)).id and d.digest = sha256(device_hash) and d.seen_at > now() - interval '180 days') as known) k
$$;

-- Whether a try at this account would have to wait, before a hash is computed for it: {"wait": seconds}, {"locked": true}, {"known": true} for a browser
-- in which somebody has signed in to it, or null. What decides is the count that kernel.sign_in makes.
create function kernel.sign_in_pause(address text, ip inet, device_hash bytea) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  counted_as constant bytea := kernel.account_digest(address);
  origin  constant record := kernel.place_of_try(address, ip, device_hash);
  seconds integer;
begin
  select greatest(1, ceil(extract(epoch from t.free_at - now()))::integer) into seconds
    from kernel.sign_in_try t where t.account = counted_as and t.place = origin.place and t.free_at > now();
  if seconds is not null then
    return jsonb_build_object('wait', seconds);
  end if;
  if not origin.known and exists (select from kernel.sign_in_lock l
       where l.account = counted_as and l.tries > 100 and l.last_at > now() - interval '30 days') then
    return '{"locked": true}';
  end if;
  return case when origin.known then '{"known": true}'::jsonb end;
end $$;

-- Counts a try at signing in, in the place and in the account, and says what keeps it from being judged: {"wait": seconds},
-- {"locked": true} or null. Browsers that the person has signed in with are in no count but their own, so that nobody locks them out. Internal.
create function kernel.begin_try(address text, ip inet, device_hash bytea, request_id uuid, device text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  counted_as constant bytea := kernel.account_digest(address);
  origin  constant record := kernel.place_of_try(address, ip, device_hash);
  counted constant record := kernel.count_try(counted_as, origin.place);
  failed  integer;
begin
  if counted.wait > 0 then
    return jsonb_build_object('wait', counted.wait);
  end if;
  if origin.known then
    -- A stolen cookie is no licence to guess for ever.
    if counted.tries > 20 then
      delete from kernel.known_device d where d.person_id = (kernel.person_at(address)).id and d.digest = sha256(device_hash);
    end if;
    return null;
  end if;
  insert into kernel.sign_in_lock as l (account) values (counted_as)
  on conflict on constraint sign_in_lock_pkey do update
    set tries = case when l.last_at < now() - interval '30 days' then 1 else l.tries + 1 end, last_at = now()
  returning l.tries into failed;
  if failed > 100 then
    if failed = 101 then
      perform kernel.audit_person((kernel.person_at(address)).id, null, 'sign-in-locked', 'critical', begin_try.request_id, begin_try.ip, begin_try.device);
    end if;
    return '{"locked": true}';
  end if;
  return null;
end $$;

-- The try was right: the place starts anew, and so does the account unless the place was in no count of it. Internal.
create function kernel.forget_tries(address text, ip inet, device_hash bytea) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  origin constant record := kernel.place_of_try(address, ip, device_hash);
begin
  delete from kernel.sign_in_try t where t.account = kernel.account_digest(address) and t.place = origin.place;
  if not origin.known then
    delete from kernel.sign_in_lock l where l.account = kernel.account_digest(address);
  end if;
end $$;

-- Has the browser that just signed in known as one of this person's; for a session of the last minute only.
create function kernel.remember_device(session_hash bytea, device_hash bytea) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  person uuid;
begin
  insert into kernel.known_device as d (person_id, digest)
  select c.person_id, sha256(device_hash) from kernel.credential c
   where c.digest = sha256(session_hash) and c.kind = 'session' and c.ended_at is null and c.sso_tenant_id is null
     and c.created_at > now() - interval '1 minute'
  on conflict (person_id, digest) do update set seen_at = now()
  returning d.person_id into person;
  delete from kernel.known_device d
   where d.person_id = person and d.digest not in (
     select n.digest from kernel.known_device n where n.person_id = person order by n.seen_at desc limit 20);
end $$;

-- Asks for the way out of a lock, once an hour.
create function kernel.ask_unlock(
  address text, ticket_hash bytea, mail_id uuid, subject text, sealed_body bytea, request_id uuid, ip inet, device text, word bytea
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update kernel.sign_in_lock l set unlock_asked_at = now()
   where l.account = kernel.account_digest(address) and l.tries > 100
     and (l.unlock_asked_at is null or l.unlock_asked_at < now() - interval '1 hour');
  if found then
    perform kernel.ask_link('unlock', address, ticket_hash, null, 3600, mail_id, ask_unlock.subject, sealed_body,
                            ask_unlock.request_id, ask_unlock.ip, ask_unlock.device, word);
  end if;
end $$;

create function kernel.redeem_unlock(ticket_hash bytea, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket constant kernel.ticket := kernel.redeem(ticket_hash, 'unlock');
begin
  delete from kernel.sign_in_lock l using kernel.person p where p.id = ticket.person_id and l.account = kernel.account_digest(p.email);
  perform kernel.audit_person(ticket.person_id, null, 'sign-in-unlocked', 'notice', redeem_unlock.request_id, redeem_unlock.ip, redeem_unlock.device);
end $$;

-- A live session that will end others: not kernel.live_session, whose shared lock two that end each other would wait for. Internal.
create function kernel.ending_session(token_hash bytea) returns kernel.credential language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session kernel.credential;
begin
  perform kernel.demand_fresh_transaction();
  perform pg_advisory_xact_lock(kernel.person_lock((select c.person_id from kernel.credential c where c.digest = sha256(token_hash))));
  select c.* into session from kernel.credential c join kernel.person p on p.id = c.person_id
   where c.digest = sha256(token_hash) and c.kind = 'session' and c.ended_at is null and p.ended_at is null and c.expires_at > now()
     and (c.idle_seconds is null or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now());
  if session.id is null then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
  if session.sso_tenant_id is not null then
    raise exception 'sign in again' using errcode = 'RF403';
  end if;
  return session;
end $$;

-- What changing one's password takes to know: how to derive from the current one (null when there is none), and what surrounds the new one.
create function kernel.own_password(token_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
begin
  return (select kernel.password_context(p.id) || jsonb_build_object('recipe', case when p.verifier is not null then p.recipe end)
            from kernel.person p where p.id = session.person_id);
end $$;

-- {"ended": sessions}, {"wait": seconds}, or null when the current password is wrong. Whoever has none yet shows a fresh proof instead.
create function kernel.change_password(
  token_hash bytea, derived bytea, recipe jsonb, verifier bytea, end_others boolean, mail_id uuid, subject text, sealed_body bytea,
  request_id uuid, ip inet, device text
) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.ending_session(token_hash);
  address text;
  there   boolean;
  genuine boolean;
  counted record;
  ended   integer := 0;
begin
  -- The verifier stays a column of this query: a variable would be folded into plans, which debug_print_plan prints.
  select p.email, p.verifier is not null, p.verifier is not null and sha256(p.verifier) = sha256(sha256(derived))
    into address, there, genuine from kernel.person p where p.id = session.person_id for no key update;
  if there then
    counted := kernel.count_try(kernel.account_digest(address), sha256(convert_to('session|' || session.id, 'UTF8')));
    if counted.wait > 0 then
      return jsonb_build_object('wait', counted.wait);
    end if;
    if genuine is not true then
      perform kernel.audit_person(session.person_id, session.id, 'password-change-refused', 'warning',
                                  change_password.request_id, change_password.ip, change_password.device);
      return null;
    end if;
    delete from kernel.sign_in_try t
     where t.account = kernel.account_digest(address) and t.place = sha256(convert_to('session|' || session.id, 'UTF8'));
  elsif session.proved_at is null or session.proved_at < now() - interval '10 min' then
    raise exception 'fresh proof needed' using errcode = 'RF403';
  end if;
  update kernel.person p set recipe = change_password.recipe, verifier = change_password.verifier, password_changed_at = now()
   where p.id = session.person_id;
  if end_others then
    ended := kernel.end_sign_ins(session.person_id, session.id, 'password changed');
  else
    -- What began with the old password, or would set another one, ends in any case.
    perform kernel.end_begun(session.person_id, 'password', '{password-reset}', 'password changed');
  end if;
  perform kernel.queue_person_mail(mail_id, address, change_password.subject, 'password-changed', sealed_body);
  perform kernel.audit_person(session.person_id, session.id, 'password-change', 'warning',
                              change_password.request_id, change_password.ip, change_password.device);
  return jsonb_build_object('ended', ended);
end $$;

-- Wishes that nobody has granted yet, and what is over: letters after a week, counts that say nothing any more. Asked for by kernel.schedule_jobs. Internal.
create function kernel.tidy_mail_links() returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select kernel.grant_wishes();
  delete from kernel.person_mail m where m.created_at < now() - interval '7 days';
  delete from kernel.mail_budget b where b.day_from < now() - interval '1 day';
  delete from kernel.sign_in_try t where t.last_at < now() - interval '1 hour' and t.free_at < now();
  delete from kernel.sign_in_lock l where l.last_at < now() - interval '30 days';
  delete from kernel.known_device d where d.seen_at < now() - interval '180 days';
  delete from kernel.ticket t
   where t.expires_at < now() - interval '7 days'
     and t.purpose in ('password-reset', 'magic-link', 'magic-code', 'email-change-old', 'email-change-new', 'unlock');
$$;

grant execute on function
  kernel.ask_password_reset(text, bytea, uuid, text, bytea, uuid, inet, text, bytea), kernel.password_reset_context(bytea),
  kernel.redeem_password_reset(bytea, jsonb, bytea, uuid, text, bytea, uuid, inet, text),
  kernel.ask_magic_link(text, bytea, bytea, integer, uuid, text, bytea, uuid, inet, text, bytea),
  kernel.redeem_magic_link(bytea, bytea, bytea, bytea, uuid, inet, text, bytea),
  kernel.redeem_magic_code(bytea, bytea, bytea, uuid, inet, text, bytea),
  kernel.ask_email_change(bytea, text, bytea, bytea, uuid, bytea, uuid, bytea, text, uuid, inet, text),
  kernel.redeem_email_change(bytea, uuid, bytea, uuid, bytea, text, uuid, inet, text),
  kernel.sign_in_pause(text, inet, bytea), kernel.remember_device(bytea, bytea),
  kernel.ask_unlock(text, bytea, uuid, text, bytea, uuid, inet, text, bytea), kernel.redeem_unlock(bytea, uuid, inet, text),
  kernel.own_password(bytea),
  kernel.change_password(bytea, bytea, jsonb, bytea, boolean, uuid, text, bytea, uuid, inet, text)
  to rf_auth;
