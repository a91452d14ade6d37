-- Generated from the declarations (npm run docs): what each role may do.

set local role rf_kernel;

insert into kernel.permission (key, description) values
  ('account.archive', 'Archive and restore accounts'),
  ('account.change', 'Change accounts'),
  ('account.create', 'Add accounts'),
  ('account.erase', 'Erase accounts for good'),
  ('account.export', 'Export accounts'),
  ('account.read', 'See accounts'),
  ('audit.export', 'Export the audit trail'),
  ('audit.read', 'Read the audit trail'),
  ('billing.change', 'Change plan and payment'),
  ('contact.archive', 'Archive and restore contacts'),
  ('contact.change', 'Change contacts'),
  ('contact.create', 'Add contacts'),
  ('contact.erase', 'Erase contacts for good'),
  ('contact.export', 'Export contacts'),
  ('contact.read', 'See contacts'),
  ('import.archive', 'Archive and restore imports'),
  ('import.change', 'Change imports'),
  ('import.create', 'Add imports'),
  ('import.erase', 'Erase imports for good'),
  ('import.export', 'Export imports'),
  ('import.read', 'See imports'),
  ('import.undo', 'Undo an import of one''s own'),
  ('key.create', 'Make API keys for oneself'),
  ('key.end', 'End API keys'),
  ('key.read', 'See API keys'),
  ('member.change', 'Change roles and remove people'),
  ('member.invite', 'Invite people and withdraw invitations'),
  ('member.provision', 'Add, change and end members for an identity provider (SCIM)'),
  ('member.read', 'See who belongs to the organization'),
  ('organization.change', 'Change the organization''s settings'),
  ('organization.read', 'See the organization''s name, language, time zone and currency'),
  ('outbox.reveal', 'See the mail that the organization sent or has waiting'),
  ('own_field.archive', 'Archive and restore fields'),
  ('own_field.change', 'Change fields'),
  ('own_field.create', 'Add fields'),
  ('own_field.erase', 'Erase fields for good'),
  ('own_field.export', 'Export fields'),
  ('own_field.read', 'See fields'),
  ('role.change', 'Make and change roles'),
  ('role.read', 'See the roles and what each may do'),
  ('security.change', 'Change who gets in and how: sign-in rules, single sign-on, networks'),
  ('security.export', 'Export who and what has access'),
  ('security.read', 'See who gets in and how: sign-in rules, single sign-on, networks'),
  ('support.grant', 'Let the platform''s staff in for a while, and end it'),
  ('support.read', 'See who of the platform''s staff may come in, and why')
on conflict (key) do update set description = excluded.description;

delete from kernel.role;
insert into kernel.role (preset, key, permissions) values
  ('crm', 'viewer', '{account.read,contact.read,member.read,organization.read,own_field.read,role.read}'),
  ('crm', 'member', '{account.change,account.create,account.read,contact.change,contact.create,contact.read,import.change,import.create,import.read,import.undo,key.create,key.end:own,key.read:own,member.read,organization.read,own_field.read,role.read}'),
  ('crm', 'manager', '{account.archive,account.change,account.create,account.export,account.read,contact.archive,contact.change,contact.create,contact.export,contact.read,import.archive,import.change,import.create,import.export,import.read,import.undo,key.create,key.end:own,key.read:own,member.read,organization.read,own_field.read,role.read}'),
  ('crm', 'admin', '{account.archive,account.change,account.create,account.erase,account.export,account.read,audit.export,audit.read,contact.archive,contact.change,contact.create,contact.erase,contact.export,contact.read,import.archive,import.change,import.create,import.erase,import.export,import.read,import.undo,key.create,key.end,key.read,member.change,member.invite,member.read,organization.change,organization.read,outbox.reveal,own_field.archive,own_field.change,own_field.create,own_field.erase,own_field.export,own_field.read,role.change,role.read,security.change,security.export,security.read,support.grant,support.read}'),
  ('crm', 'owner', '{account.archive,account.change,account.create,account.erase,account.export,account.read,audit.export,audit.read,billing.change,contact.archive,contact.change,contact.create,contact.erase,contact.export,contact.read,import.archive,import.change,import.create,import.erase,import.export,import.read,import.undo,key.create,key.end,key.read,member.change,member.invite,member.read,organization.change,organization.read,outbox.reveal,own_field.archive,own_field.change,own_field.create,own_field.erase,own_field.export,own_field.read,role.change,role.read,security.change,security.export,security.read,support.grant,support.read}'),
  ('analytics', 'viewer', '{account.read,contact.read,member.read,organization.read,own_field.read,role.read}'),
  ('analytics', 'member', '{account.read,contact.read,member.read,organization.read,own_field.read,role.read}'),
  ('analytics', 'admin', '{account.archive,account.change,account.create,account.erase,account.export,account.read,audit.export,audit.read,contact.archive,contact.change,contact.create,contact.erase,contact.export,contact.read,import.archive,import.change,import.create,import.erase,import.export,import.read,import.undo,key.create,key.end,key.read,member.change,member.invite,member.read,organization.change,organization.read,outbox.reveal,own_field.archive,own_field.change,own_field.create,own_field.erase,own_field.export,own_field.read,role.change,role.read,security.change,security.export,security.read,support.grant,support.read}'),
  ('analytics', 'owner', '{account.archive,account.change,account.create,account.erase,account.export,account.read,audit.export,audit.read,billing.change,contact.archive,contact.change,contact.create,contact.erase,contact.export,contact.read,import.archive,import.change,import.create,import.erase,import.export,import.read,import.undo,key.create,key.end,key.read,member.change,member.invite,member.read,organization.change,organization.read,outbox.reveal,own_field.archive,own_field.change,own_field.create,own_field.erase,own_field.export,own_field.read,role.change,role.read,security.change,security.export,security.read,support.grant,support.read}'),
  ('calling', 'viewer', '{account.read,contact.read,member.read,organization.read,own_field.read,role.read}'),
  ('calling', 'member', '{account.change,account.create,account.read,contact.change,contact.create,contact.read,import.change,import.create,import.read,import.undo,key.create,key.end:own,key.read:own,member.read,organization.read,own_field.read,role.read}'),
  ('calling', 'admin', '{account.archive,account.change,account.create,account.erase,account.export,account.read,audit.export,audit.read,contact.archive,contact.change,contact.create,contact.erase,contact.export,contact.read,import.archive,import.change,import.create,import.erase,import.export,import.read,import.undo,key.create,key.end,key.read,member.change,member.invite,member.read,organization.change,organization.read,outbox.reveal,own_field.archive,own_field.change,own_field.create,own_field.erase,own_field.export,own_field.read,role.change,role.read,security.change,security.export,security.read,support.grant,support.read}'),
  ('calling', 'owner', '{account.archive,account.change,account.create,account.erase,account.export,account.read,audit.export,audit.read,billing.change,contact.archive,contact.change,contact.create,contact.erase,contact.export,contact.read,import.archive,import.change,import.create,import.erase,import.export,import.read,import.undo,key.create,key.end,key.read,member.change,member.invite,member.read,organization.change,organization.read,outbox.reveal,own_field.archive,own_field.change,own_field.create,own_field.erase,own_field.export,own_field.read,role.change,role.read,security.change,security.export,security.read,support.grant,support.read}');

call kernel.refresh_permissions();
