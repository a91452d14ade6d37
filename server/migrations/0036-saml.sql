-- SAML: what single sign-on by it needs beyond the ground in 0035. An assertion is good once; one that answers no request of ours
-- is good only after the person said yes; and certificates that end are spoken of before they do.

set local role rf_kernel;

-- Of which end of a certificate the owners were told.
create table kernel.saml_warning (
  connection_id uuid not null references kernel.sso_connection on delete cascade,
  fingerprint   text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  days          integer not null,
  told_at       timestamptz not null default now(),
  primary key (connection_id, fingerprint, days)
);
call kernel.drop_statistics('kernel.saml_warning');

-- Uses an assertion up that answers a request, in the transaction that says who came; raises when it was used.
create function kernel.saml_use(connection uuid, proof bytea, assertion text, until timestamptz) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.demand_sso_proof(connection, proof);
  if not kernel.sso_remember(connection, assertion, until) then
    raise exception 'this assertion was used' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
end $$;

-- Keeps what an assertion says that answers no request, until the person says yes in this browser, for five minutes. False when the
-- assertion was used, which is written down. It signs nobody in.
create function kernel.saml_offer(
  connection uuid, proof bytea, assertion text, until timestamptz, ticket_hash bytea, browser_hash bytea, claims jsonb,
  request_id uuid, ip inet, device text
) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  through kernel.sso_connection;
begin
  perform kernel.demand_sso_proof(connection, proof);
  select c.* into through from kernel.sso_connection c
   where c.id = saml_offer.connection and c.kind = 'saml' and c.state = 'enabled' and c.ended_at is null
     and (c.settings ->> 'allowsUnsolicited')::boolean is true;
  if through.id is null then
    raise exception 'not allowed' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  if not kernel.sso_remember(connection, assertion, until) then
    perform kernel.audit_sso(through.tenant_id, through.id, 'sign-in-refused', 'warning', null, null,
                             jsonb_strip_nulls(jsonb_build_object('reason', 'the assertion was used before', 'email', left(claims ->> 'email', 320))), request_id, ip, device);
    return false;
  end if;
  insert into kernel.ticket (digest, purpose, tenant_id, browser, payload, expires_at)
  values (kernel.ticket_digest('assertion', ticket_hash), 'assertion', through.tenant_id, sha256(browser_hash),
          jsonb_build_object('connection', through.id, 'claims', claims), now() + interval '5 minutes');
  return true;
end $$;

-- The person said yes. Answers what kernel.sso_signed_in does; what was kept of the claims goes.
create function kernel.saml_accept(connection uuid, ticket_hash bytea, browser_hash bytea, session_hash bytea, request_id uuid, ip inet, device text)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket kernel.ticket;
  claims jsonb;
begin
  if browser_hash is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  ticket := kernel.redeem(ticket_hash, 'assertion', browser_hash);
  if ticket.payload ->> 'connection' is distinct from saml_accept.connection::text then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  update kernel.ticket k set payload = null where k.id = ticket.id;
  claims := ticket.payload -> 'claims';
  return kernel.sso_signed_in(connection, claims ->> 'issuer', claims ->> 'subject', claims ->> 'email', (claims ->> 'emailVerified')::boolean is true,
    claims ->> 'name', array(select jsonb_array_elements_text(coalesce(claims -> 'groups', '[]'))), (claims ->> 'secondFactor')::boolean is true,
    session_hash, request_id, ip, device, (claims ->> 'provedAt')::timestamptz);
end $$;

grant execute on function
  kernel.saml_use(uuid, bytea, text, timestamptz),
  kernel.saml_offer(uuid, bytea, text, timestamptz, bytea, bytea, jsonb, uuid, inet, text),
  kernel.saml_accept(uuid, bytea, bytea, bytea, uuid, inet, text)
  to rf_auth;

-- Pinned certificates of the bound organization that end within thirty days, with the one of 30, 7 and 1 days that is due now; one whose
-- successor is pinned too is still spoken of, since it is to be taken out.
create function kernel.saml_certificates_ending()
returns table (connection uuid, name text, organization text, fingerprint text, ends_at timestamptz, days integer, certificates integer)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  return query
  select c.id, c.name, t.slug, x ->> 'fingerprint', (x ->> 'notAfter')::timestamptz, due.days, jsonb_array_length(c.settings -> 'certificateEnds')
    from kernel.sso_connection c join kernel.tenant t on t.id = c.tenant_id
   cross join lateral jsonb_array_elements(c.settings -> 'certificateEnds') x
   cross join lateral (select min(d) as days from unnest('{1,7,30}'::integer[]) d where (x ->> 'notAfter')::timestamptz <= now() + make_interval(days => d)) due
   where c.tenant_id = tenant and c.kind = 'saml' and c.state = 'enabled' and c.ended_at is null and due.days is not null
     and not exists (select from kernel.saml_warning w
                      where w.connection_id = c.id and w.fingerprint = x ->> 'fingerprint' and w.days = due.days)
   order by c.id, x ->> 'fingerprint';
end $$;

-- Writes the warning down, in the trail too; false when another run did before.
create function kernel.note_certificate_warning(connection uuid, fingerprint text, days integer) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  if not exists (select from kernel.saml_certificates_ending() e where e.connection = note_certificate_warning.connection
                    and e.fingerprint = note_certificate_warning.fingerprint and e.days = note_certificate_warning.days) then
    return false;
  end if;
  insert into kernel.saml_warning (connection_id, fingerprint, days)
  values (note_certificate_warning.connection, note_certificate_warning.fingerprint, note_certificate_warning.days) on conflict do nothing;
  if not found then
    return false;
  end if;
  perform kernel.audit_sso(tenant, connection, 'certificate-ends', 'warning', null, 'system',
    jsonb_build_object('fingerprint', fingerprint, 'days', days), null, null, null);
  return true;
end $$;

grant execute on function
  kernel.saml_certificates_ending(), kernel.note_certificate_warning(uuid, text, integer)
  to rf_worker;
