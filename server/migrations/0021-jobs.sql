-- Generated from the declarations (npm run docs): the kinds of job, and what each may do.

set local role rf_kernel;

insert into kernel.job_kind (name, requires, needs, delegated, tries, every) values
  ('access.second-factors', null, '{outbox.send}', false, 5, '6 hours'),
  ('imports.check', 'import.change', '{account.read,contact.read,import.change,import.read,member.read,organization.read,own_field.read}', false, 10, null),
  ('imports.run', 'import.change', '{account.change,account.create,account.read,contact.change,contact.create,contact.read,import.change,import.read,member.read,organization.read,own_field.read}', false, 10, null),
  ('imports.tidy', null, '{import.change,import.read}', false, 3, '1 hour'),
  ('imports.undo', 'import.undo', '{account.change,account.erase,account.read,contact.change,contact.erase,contact.read,import.change,import.read,member.read,organization.read,own_field.read}', true, 10, null),
  ('keys.warn', null, '{key.read}', false, 5, '6 hours'),
  ('lifecycle.purge', null, '{account.erase,account.read,contact.change,contact.erase,contact.read,import.erase,import.read,own_field.erase,own_field.read}', false, 5, '1 hour'),
  ('mail.send', null, '{outbox.send}', false, 12, null),
  ('sso.break-glass', null, '{outbox.send}', false, 8, null),
  ('sso.certificates', null, '{outbox.send}', false, 8, '1 day'),
  ('sso.domain-news', null, '{outbox.send}', false, 8, null),
  ('sso.domains', null, '{outbox.send}', false, 8, '1 day')
on conflict (name) do update set
  requires = excluded.requires, needs = excluded.needs, delegated = excluded.delegated, tries = excluded.tries, every = excluded.every;
