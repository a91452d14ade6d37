// Written by `npm run docs` from the declared doors; do not edit.

export interface AccountChange {
  readonly name?: string | undefined;
  readonly domain?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly industry?: string | null | undefined;
  readonly ownerId?: string | null | undefined;
  readonly street?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly notes?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly custom?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface ContactChange {
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly otherEmails?: readonly {
    readonly kind: string;
    readonly address: string;
  }[] | undefined;
  readonly phone?: string | null | undefined;
  readonly otherPhones?: readonly {
    readonly kind: string;
    readonly number: string;
  }[] | undefined;
  readonly title?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly ownerId?: string | null | undefined;
  readonly stage?: "lead" | "open" | "customer" | "former" | undefined;
  readonly source?: string | null | undefined;
  readonly street?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly birthday?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly notes?: string | null | undefined;
  readonly doNotCall?: boolean | undefined;
  readonly emailOptOut?: boolean | undefined;
  readonly externalId?: string | null | undefined;
  readonly custom?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface ImportChange {
  readonly mapping?: readonly {
    readonly column: number;
    readonly field: string | null;
    readonly kind?: string | undefined;
    readonly kindColumn?: number | undefined;
    readonly confidence?: number | undefined;
  }[] | undefined;
  readonly dedupe?: "skip" | "update" | "create" | undefined;
}

export interface OwnFieldChange {
  readonly of?: "contact" | "account" | undefined;
  readonly key?: string | undefined;
  readonly label?: string | undefined;
  readonly type?: "text" | "number" | "date" | "boolean" | "choice" | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface NewAccount {
  readonly name: string;
  readonly domain?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly industry?: string | null | undefined;
  readonly ownerId?: string | null | undefined;
  readonly street?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly notes?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly custom?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface NewContact {
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly otherEmails?: readonly {
    readonly kind: string;
    readonly address: string;
  }[] | undefined;
  readonly phone?: string | null | undefined;
  readonly otherPhones?: readonly {
    readonly kind: string;
    readonly number: string;
  }[] | undefined;
  readonly title?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly ownerId?: string | null | undefined;
  readonly stage?: "lead" | "open" | "customer" | "former" | undefined;
  readonly source?: string | null | undefined;
  readonly street?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly birthday?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly notes?: string | null | undefined;
  readonly doNotCall?: boolean | undefined;
  readonly emailOptOut?: boolean | undefined;
  readonly externalId?: string | null | undefined;
  readonly custom?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface NewOwnField {
  readonly of?: "contact" | "account" | undefined;
  readonly key: string;
  readonly label: string;
  readonly type?: "text" | "number" | "date" | "boolean" | "choice" | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface Account {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly domain: string | null;
  readonly phone: string | null;
  readonly website: string | null;
  readonly industry: string | null;
  readonly ownerId: string | null;
  readonly street: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly externalId: string | null;
  readonly custom: Readonly<Record<string, string | number | boolean>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
}

export interface Contact {
  readonly id: string;
  readonly version: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly otherEmails: readonly {
    readonly kind: string;
    readonly address: string;
  }[];
  readonly phone: string | null;
  readonly otherPhones: readonly {
    readonly kind: string;
    readonly number: string;
  }[];
  readonly title: string | null;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly ownerId: string | null;
  readonly stage: "lead" | "open" | "customer" | "former";
  readonly source: string | null;
  readonly street: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly website: string | null;
  readonly birthday: string | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly doNotCall: boolean;
  readonly emailOptOut: boolean;
  readonly externalId: string | null;
  readonly custom: Readonly<Record<string, string | number | boolean>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
}

export interface Import {
  readonly id: string;
  readonly version: number;
  readonly resource: string;
  readonly state: string;
  readonly fileName: string;
  readonly bytes: number | null;
  readonly bytesDone: number;
  readonly rowsTotal: number | null;
  readonly rowsDone: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  readonly delimiter: string | null;
  readonly encoding: string | null;
  readonly headers: readonly string[];
  readonly sample: readonly (readonly string[])[];
  readonly mapping: readonly {
    readonly column: number;
    readonly field: string | null;
    readonly kind?: string | undefined;
    readonly kindColumn?: number | undefined;
    readonly confidence?: number | undefined;
  }[];
  readonly dedupe: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly report: {
    readonly create?: number | undefined;
    readonly update?: number | undefined;
    readonly skip?: number | undefined;
    readonly fail?: number | undefined;
    readonly kept?: number | undefined;
    readonly problems?: readonly {
      readonly reason: string;
      readonly count: number;
      readonly row: number;
      readonly severity: string;
    }[] | undefined;
    readonly error?: string | undefined;
  } | null;
}

export interface OwnField {
  readonly id: string;
  readonly version: number;
  readonly of: "contact" | "account";
  readonly key: string;
  readonly label: string;
  readonly type: "text" | "number" | "date" | "boolean" | "choice";
  readonly options: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
}

/** What each operation takes and answers. */
export interface Operations {
  /** Archive one of the accounts; it can be restored for 30 days. Needs account.read, account.archive. */
  readonly archiveAccount: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Account;
  };
  /** Archive one of the contacts; it can be restored for 30 days. Needs contact.read, account.read, contact.archive. */
  readonly archiveContact: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Contact;
  };
  /** Archive one of the fields; it can be restored for 30 days. Needs own_field.read, own_field.archive. */
  readonly archiveOwnField: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: OwnField;
  };
  /** Archive up to 500 accounts at once. Needs account.read, account.archive. */
  readonly bulkArchiveAccounts: {
    readonly body: {
      readonly ids: readonly string[];
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Archive up to 500 contacts at once. Needs contact.read, contact.archive. */
  readonly bulkArchiveContacts: {
    readonly body: {
      readonly ids: readonly string[];
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Archive up to 500 fields at once. Needs own_field.read, own_field.archive. */
  readonly bulkArchiveFields: {
    readonly body: {
      readonly ids: readonly string[];
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Give up to 500 accounts the same values. Needs account.read, own_field.read, account.change. */
  readonly bulkChangeAccounts: {
    readonly body: {
      readonly ids: readonly string[];
      readonly change: AccountChange;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Give up to 500 contacts the same values. Needs contact.read, account.read, own_field.read, contact.change. */
  readonly bulkChangeContacts: {
    readonly body: {
      readonly ids: readonly string[];
      readonly change: ContactChange;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Give up to 500 fields the same values. Needs own_field.read, own_field.change. */
  readonly bulkChangeFields: {
    readonly body: {
      readonly ids: readonly string[];
      readonly change: OwnFieldChange;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Restore up to 500 accounts at once. Needs account.read, account.archive. */
  readonly bulkRestoreAccounts: {
    readonly body: {
      readonly ids: readonly string[];
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Restore up to 500 contacts at once. Needs contact.read, contact.archive. */
  readonly bulkRestoreContacts: {
    readonly body: {
      readonly ids: readonly string[];
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Restore up to 500 fields at once. Needs own_field.read, own_field.archive. */
  readonly bulkRestoreFields: {
    readonly body: {
      readonly ids: readonly string[];
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly version: number;
      }[];
      readonly missed: readonly string[];
    };
  };
  /** Stop at the next batch; what was written stays and can be undone. Needs import.read, import.change. */
  readonly cancelImport: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Import;
  };
  /** Change one of the accounts; If-Match names the version that you saw. Needs account.read, own_field.read, account.change. */
  readonly changeAccount: {
    readonly params: {
      readonly id: string;
    };
    readonly body: AccountChange;
    readonly answer: Account;
  };
  /** Change one of the contacts; If-Match names the version that you saw. Needs contact.read, account.read, own_field.read, contact.change. */
  readonly changeContact: {
    readonly params: {
      readonly id: string;
    };
    readonly body: ContactChange;
    readonly answer: Contact;
  };
  /** Say what each column means, and what happens to rows that exist already. Needs import.read, import.change, own_field.read. */
  readonly changeImport: {
    readonly params: {
      readonly id: string;
    };
    readonly body: ImportChange;
    readonly answer: Import;
  };
  /** Change one of the fields; If-Match names the version that you saw. Needs own_field.read, own_field.change. */
  readonly changeOwnField: {
    readonly params: {
      readonly id: string;
    };
    readonly body: OwnFieldChange;
    readonly answer: OwnField;
  };
  /** Try everything without writing anything. Needs import.read, import.change. */
  readonly checkImport: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Import;
  };
  /** Count accounts that fit the same search and filters. Needs account.read. */
  readonly countAccounts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly industry?: string | "none" | undefined;
      readonly ownerId?: string | "none" | undefined;
      readonly country?: string | "none" | undefined;
    };
    readonly answer: {
      readonly count: number;
    };
  };
  /** Count contacts that fit the same search and filters. Needs contact.read, account.read. */
  readonly countContacts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly accountId?: string | "none" | undefined;
      readonly ownerId?: string | "none" | undefined;
      readonly stage?: "lead" | "open" | "customer" | "former" | undefined;
      readonly source?: string | "none" | undefined;
    };
    readonly answer: {
      readonly count: number;
    };
  };
  /** Count fields that fit the same search and filters. Needs own_field.read. */
  readonly countFields: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly of?: "contact" | "account" | undefined;
    };
    readonly answer: {
      readonly count: number;
    };
  };
  /** Add one to the accounts. Needs account.read, own_field.read, account.create. */
  readonly createAccount: {
    readonly body: NewAccount;
    readonly answer: Account;
  };
  /** Add one to the contacts. Needs contact.read, account.read, own_field.read, contact.create. */
  readonly createContact: {
    readonly body: NewContact;
    readonly answer: Contact;
  };
  /** Send a CSV file; the answer says what was found in it and proposes a mapping. Needs import.read, import.create, import.change, own_field.read. */
  readonly createImport: {
    readonly query?: {
      readonly resource?: "contact" | "account" | undefined;
      readonly fileName?: string | undefined;
      readonly encoding?: "utf-8" | "windows-1252" | "utf-16le" | "utf-16be" | undefined;
    };
    readonly body: string | Uint8Array<ArrayBuffer>;
    readonly answer: Import;
  };
  /** Add one to the fields. Needs own_field.read, own_field.create. */
  readonly createOwnField: {
    readonly body: NewOwnField;
    readonly answer: OwnField;
  };
  /** Take an invitation back; its link stops working at once. Needs member.invite. */
  readonly deleteInvitationsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** End an API key; when this has answered, nothing of it answers any more. Needs key.end. */
  readonly deleteKeysById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** Remove a member with their keys and open invitations; when this has answered, nothing of theirs works here. Needs member.change. */
  readonly deleteMembersById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** All accounts that fit the search and the filters of the list, as a CSV file that can be imported again. Needs account.read, account.export, own_field.read, member.read. */
  readonly exportAccounts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly industry?: string | "none" | undefined;
      readonly ownerId?: string | "none" | undefined;
      readonly country?: string | "none" | undefined;
    };
    readonly answer: void;
  };
  /** The audit trail as CSV, safe to open in a spreadsheet, with times in the organization's time zone. Needs audit.read, audit.export. */
  readonly exportAuditEventsCsv: {
    readonly query?: {
      readonly actor?: string | undefined;
      readonly action?: string | undefined;
      readonly resourceType?: string | undefined;
      readonly resourceId?: string | undefined;
      readonly severity?: "info" | "notice" | "warning" | "critical" | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
    };
    readonly answer: void;
  };
  /** The audit trail as JSON lines. Needs audit.read, audit.export. */
  readonly exportAuditEventsJsonl: {
    readonly query?: {
      readonly actor?: string | undefined;
      readonly action?: string | undefined;
      readonly resourceType?: string | undefined;
      readonly resourceId?: string | undefined;
      readonly severity?: "info" | "notice" | "warning" | "critical" | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
    };
    readonly answer: void;
  };
  /** All contacts that fit the search and the filters of the list, as a CSV file that can be imported again. Needs contact.read, account.read, contact.export, own_field.read, member.read. */
  readonly exportContacts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly accountId?: string | "none" | undefined;
      readonly ownerId?: string | "none" | undefined;
      readonly stage?: "lead" | "open" | "customer" | "former" | undefined;
      readonly source?: string | "none" | undefined;
    };
    readonly answer: void;
  };
  /** The audit trail, the newest first. Needs audit.read. */
  readonly getAuditEvents: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly actor?: string | undefined;
      readonly action?: string | undefined;
      readonly resourceType?: string | undefined;
      readonly resourceId?: string | undefined;
      readonly severity?: "info" | "notice" | "warning" | "critical" | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly at: string;
        readonly actorId: string | null;
        readonly actorEmail: string;
        readonly action: string;
        readonly resourceType: string;
        readonly resourceId: string | null;
        readonly severity: string;
        readonly requestId: string | null;
        readonly before: Readonly<Record<string, unknown>> | null;
        readonly after: Readonly<Record<string, unknown>> | null;
        readonly credentialId: string | null;
        readonly ip: string | null;
        readonly device: string | null;
        readonly anomaly: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Invitations that nobody has accepted yet. Needs member.read. */
  readonly getInvitations: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly email: string;
        readonly roles: readonly string[];
        readonly invitedBy: string | null;
        readonly createdAt: string;
        readonly expiresAt: string;
      }[];
      readonly next: string | null;
    };
  };
  /** API keys: one's own, or everybody's for those who may see them. Needs key.read. */
  readonly getKeys: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly name: string | null;
        readonly hint: string | null;
        readonly permissions: readonly string[] | null;
        readonly memberId: string;
        readonly personName: string;
        readonly personEmail: string;
        readonly ip: string | null;
        readonly createdAt: string;
        readonly lastSeenAt: string | null;
        readonly expiresAt: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Who belongs to the organization. Needs member.read. */
  readonly getMembers: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly state?: "active" | "ended" | "all" | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly personId: string;
        readonly name: string;
        readonly email: string;
        readonly roles: readonly string[];
        readonly state: string;
        readonly version: number;
        readonly createdAt: string;
        readonly lastSeenAt: string | null;
        readonly endedAt: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** The organization's name, language, time zone and currency. Needs organization.read. */
  readonly getOrganization: {
    readonly answer: {
      readonly id: string;
      readonly slug: string;
      readonly name: string;
      readonly preset: string;
      readonly region: string;
      readonly locale: string;
      readonly timeZone: string;
      readonly currency: string;
      readonly demo: boolean;
      readonly version: number;
      readonly createdAt: string;
    };
  };
  /** Mail that the organization sent or has waiting. Needs outbox.reveal. */
  readonly getOutbox: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly to: string;
        readonly subject: string;
        readonly purpose: string;
        readonly text: string | null;
        readonly state: string;
        readonly lastError: string | null;
        readonly createdAt: string;
        readonly sentAt: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** When tables, policies, grants and functions were last proven to be as declared. Needs organization.read. */
  readonly getProtection: {
    readonly answer: {
      readonly provenAt: string;
    };
  };
  /** What each role may do. Needs member.read. */
  readonly getRoles: {
    readonly answer: {
      readonly items: readonly {
        readonly name: string;
        readonly description: string;
        readonly permissions: readonly string[];
      }[];
      readonly permissions: readonly {
        readonly key: string;
        readonly description: string;
      }[];
    };
  };
  /** Everything that happened to one of the accounts, the newest first. Needs account.read. */
  readonly historyOfAccount: {
    readonly params: {
      readonly id: string;
    };
    readonly query?: {
      readonly after?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly at: string;
        readonly actorId: string | null;
        readonly actorEmail: string;
        readonly action: string;
        readonly resourceType: string;
        readonly resourceId: string | null;
        readonly severity: string;
        readonly requestId: string | null;
        readonly before: Readonly<Record<string, unknown>> | null;
        readonly after: Readonly<Record<string, unknown>> | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Everything that happened to one of the contacts, the newest first. Needs contact.read. */
  readonly historyOfContact: {
    readonly params: {
      readonly id: string;
    };
    readonly query?: {
      readonly after?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly at: string;
        readonly actorId: string | null;
        readonly actorEmail: string;
        readonly action: string;
        readonly resourceType: string;
        readonly resourceId: string | null;
        readonly severity: string;
        readonly requestId: string | null;
        readonly before: Readonly<Record<string, unknown>> | null;
        readonly after: Readonly<Record<string, unknown>> | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Everything that happened to one of the fields, the newest first. Needs own_field.read. */
  readonly historyOfOwnField: {
    readonly params: {
      readonly id: string;
    };
    readonly query?: {
      readonly after?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly at: string;
        readonly actorId: string | null;
        readonly actorEmail: string;
        readonly action: string;
        readonly resourceType: string;
        readonly resourceId: string | null;
        readonly severity: string;
        readonly requestId: string | null;
        readonly before: Readonly<Record<string, unknown>> | null;
        readonly after: Readonly<Record<string, unknown>> | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Every row that was refused or changed, with the reason. Needs import.read. */
  readonly importErrors: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** List accounts, search them and filter them. Needs account.read. */
  readonly listAccounts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly industry?: string | "none" | undefined;
      readonly ownerId?: string | "none" | undefined;
      readonly country?: string | "none" | undefined;
    };
    readonly answer: {
      readonly items: readonly Account[];
      readonly next: string | null;
    };
  };
  /** List contacts, search them and filter them. Needs contact.read, account.read. */
  readonly listContacts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly accountId?: string | "none" | undefined;
      readonly ownerId?: string | "none" | undefined;
      readonly stage?: "lead" | "open" | "customer" | "former" | undefined;
      readonly source?: string | "none" | undefined;
    };
    readonly answer: {
      readonly items: readonly Contact[];
      readonly next: string | null;
    };
  };
  /** List fields, search them and filter them. Needs own_field.read. */
  readonly listFields: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
      readonly sort?: "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt" | undefined;
      readonly q?: string | undefined;
      readonly tag?: string | undefined;
      readonly archived?: boolean | undefined;
      readonly of?: "contact" | "account" | undefined;
    };
    readonly answer: {
      readonly items: readonly OwnField[];
      readonly next: string | null;
    };
  };
  /** Imports, the newest first. Needs import.read. */
  readonly listImports: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly Import[];
      readonly next: string | null;
    };
  };
  /** Give a member other roles; holds from that person's next request. Needs member.read, member.change. */
  readonly patchMembersById: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly roles: readonly string[];
    };
    readonly answer: {
      readonly id: string;
      readonly personId: string;
      readonly name: string;
      readonly email: string;
      readonly roles: readonly string[];
      readonly state: string;
      readonly version: number;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
      readonly endedAt: string | null;
    };
  };
  /** Change the organization's settings; If-Match names the version that you saw. Needs organization.read, organization.change. */
  readonly patchOrganization: {
    readonly body: {
      readonly name?: string | undefined;
      readonly locale?: string | undefined;
      readonly timeZone?: string | undefined;
      readonly currency?: string | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly slug: string;
      readonly name: string;
      readonly preset: string;
      readonly region: string;
      readonly locale: string;
      readonly timeZone: string;
      readonly currency: string;
      readonly demo: boolean;
      readonly version: number;
      readonly createdAt: string;
    };
  };
  /** Invite somebody by mail; a newer invitation replaces the older. Needs member.read, member.invite, organization.read. */
  readonly postInvitations: {
    readonly body: {
      readonly email: string;
      readonly roles: readonly string[];
    };
    readonly answer: {
      readonly id: string;
      readonly email: string;
      readonly roles: readonly string[];
      readonly invitedBy: string | null;
      readonly createdAt: string;
      readonly expiresAt: string;
    };
  };
  /** Make an API key for oneself; the answer is the only place where it is ever shown. Needs key.create, key.read. */
  readonly postKeys: {
    readonly body: {
      readonly name: string;
      readonly permissions?: readonly string[] | null | undefined;
      readonly expiresAt?: string | null | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string | null;
      readonly hint: string | null;
      readonly permissions: readonly string[] | null;
      readonly memberId: string;
      readonly personName: string;
      readonly personEmail: string;
      readonly ip: string | null;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
      readonly expiresAt: string | null;
      readonly key: string;
    };
  };
  /** Read one of the accounts. Needs account.read. */
  readonly readAccount: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Account;
  };
  /** Read one of the contacts. Needs contact.read, account.read. */
  readonly readContact: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Contact;
  };
  /** One import as it stands now. Needs import.read. */
  readonly readImport: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Import;
  };
  /** Read one of the fields. Needs own_field.read. */
  readonly readOwnField: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: OwnField;
  };
  /** Bring one of the accounts back from the archive. Needs account.read, account.archive. */
  readonly restoreAccount: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Account;
  };
  /** Bring one of the contacts back from the archive. Needs contact.read, account.read, contact.archive. */
  readonly restoreContact: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Contact;
  };
  /** Bring one of the fields back from the archive. Needs own_field.read, own_field.archive. */
  readonly restoreOwnField: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: OwnField;
  };
  /** Start writing. Needs import.read, import.change. */
  readonly startImport: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Import;
  };
  /** Take back what was written. Needs import.read, import.change, import.undo. */
  readonly undoImport: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: Import;
  };
}

/** Where each operation is. */
export const doors = {
  archiveAccount: { method: "POST", path: "/v1/accounts/{id}/archive" },
  archiveContact: { method: "POST", path: "/v1/contacts/{id}/archive" },
  archiveOwnField: { method: "POST", path: "/v1/fields/{id}/archive" },
  bulkArchiveAccounts: { method: "POST", path: "/v1/accounts/bulk/archive" },
  bulkArchiveContacts: { method: "POST", path: "/v1/contacts/bulk/archive" },
  bulkArchiveFields: { method: "POST", path: "/v1/fields/bulk/archive" },
  bulkChangeAccounts: { method: "POST", path: "/v1/accounts/bulk/change" },
  bulkChangeContacts: { method: "POST", path: "/v1/contacts/bulk/change" },
  bulkChangeFields: { method: "POST", path: "/v1/fields/bulk/change" },
  bulkRestoreAccounts: { method: "POST", path: "/v1/accounts/bulk/restore" },
  bulkRestoreContacts: { method: "POST", path: "/v1/contacts/bulk/restore" },
  bulkRestoreFields: { method: "POST", path: "/v1/fields/bulk/restore" },
  cancelImport: { method: "POST", path: "/v1/imports/{id}/cancel" },
  changeAccount: { method: "PATCH", path: "/v1/accounts/{id}" },
  changeContact: { method: "PATCH", path: "/v1/contacts/{id}" },
  changeImport: { method: "PATCH", path: "/v1/imports/{id}" },
  changeOwnField: { method: "PATCH", path: "/v1/fields/{id}" },
  checkImport: { method: "POST", path: "/v1/imports/{id}/check" },
  countAccounts: { method: "GET", path: "/v1/accounts/count" },
  countContacts: { method: "GET", path: "/v1/contacts/count" },
  countFields: { method: "GET", path: "/v1/fields/count" },
  createAccount: { method: "POST", path: "/v1/accounts" },
  createContact: { method: "POST", path: "/v1/contacts" },
  createImport: { method: "POST", path: "/v1/imports", sends: "text/csv" },
  createOwnField: { method: "POST", path: "/v1/fields" },
  deleteInvitationsById: { method: "DELETE", path: "/v1/invitations/{id}" },
  deleteKeysById: { method: "DELETE", path: "/v1/keys/{id}" },
  deleteMembersById: { method: "DELETE", path: "/v1/members/{id}" },
  exportAccounts: { method: "GET", path: "/v1/accounts/export.csv" },
  exportAuditEventsCsv: { method: "GET", path: "/v1/audit-events/export.csv" },
  exportAuditEventsJsonl: { method: "GET", path: "/v1/audit-events/export.jsonl" },
  exportContacts: { method: "GET", path: "/v1/contacts/export.csv" },
  getAuditEvents: { method: "GET", path: "/v1/audit-events" },
  getInvitations: { method: "GET", path: "/v1/invitations" },
  getKeys: { method: "GET", path: "/v1/keys" },
  getMembers: { method: "GET", path: "/v1/members" },
  getOrganization: { method: "GET", path: "/v1/organization" },
  getOutbox: { method: "GET", path: "/v1/outbox" },
  getProtection: { method: "GET", path: "/v1/protection" },
  getRoles: { method: "GET", path: "/v1/roles" },
  historyOfAccount: { method: "GET", path: "/v1/accounts/{id}/history" },
  historyOfContact: { method: "GET", path: "/v1/contacts/{id}/history" },
  historyOfOwnField: { method: "GET", path: "/v1/fields/{id}/history" },
  importErrors: { method: "GET", path: "/v1/imports/{id}/errors.csv" },
  listAccounts: { method: "GET", path: "/v1/accounts" },
  listContacts: { method: "GET", path: "/v1/contacts" },
  listFields: { method: "GET", path: "/v1/fields" },
  listImports: { method: "GET", path: "/v1/imports" },
  patchMembersById: { method: "PATCH", path: "/v1/members/{id}" },
  patchOrganization: { method: "PATCH", path: "/v1/organization" },
  postInvitations: { method: "POST", path: "/v1/invitations" },
  postKeys: { method: "POST", path: "/v1/keys" },
  readAccount: { method: "GET", path: "/v1/accounts/{id}" },
  readContact: { method: "GET", path: "/v1/contacts/{id}" },
  readImport: { method: "GET", path: "/v1/imports/{id}" },
  readOwnField: { method: "GET", path: "/v1/fields/{id}" },
  restoreAccount: { method: "POST", path: "/v1/accounts/{id}/restore" },
  restoreContact: { method: "POST", path: "/v1/contacts/{id}/restore" },
  restoreOwnField: { method: "POST", path: "/v1/fields/{id}/restore" },
  startImport: { method: "POST", path: "/v1/imports/{id}/start" },
  undoImport: { method: "POST", path: "/v1/imports/{id}/undo" },
} as const satisfies Record<keyof Operations, { method: string; path: string; sends?: string }>;
