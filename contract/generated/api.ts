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
  /** End a domain; identity providers speak for its addresses no longer. Needs security.change. */
  readonly deleteDomainsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
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
  /** End a public key of a service account, with every token that was given for it. Needs key.end. */
  readonly deletePublicKeysById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** End a role that nobody has, or give everybody who has it another in its place. Needs role.change. */
  readonly deleteRolesById: {
    readonly params: {
      readonly id: string;
    };
    readonly query?: {
      readonly replacement?: string | undefined;
    };
    readonly answer: void;
  };
  /** End a connection and its tokens at once; members stay as they are. Needs security.change. */
  readonly deleteScimConnectionsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** End a service account with all its keys; when this has answered, nothing of it works. Needs member.change. */
  readonly deleteServiceAccountsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** Forget which account at the provider a member has, so that another can take its place. Needs security.change. */
  readonly deleteSsoConnectionsByIdPeopleByMemberId: {
    readonly params: {
      readonly id: string;
      readonly memberId: string;
    };
    readonly answer: void;
  };
  /** End a grant, or refuse one; when this has answered, nothing of it answers any more. Needs support.grant. */
  readonly deleteSupportGrantsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** The same as CSV, safe to open in a spreadsheet. Needs security.read, member.read, key.read, security.export. */
  readonly exportAccessReviewCsv: {
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
  /** What you can do here, and which of your roles give it. Needs role.read. */
  readonly getAccess: {
    readonly answer: {
      readonly items: readonly {
        readonly permission: string;
        readonly may: "all" | "own" | "no";
        readonly roles: readonly string[];
        readonly dangerous: boolean;
      }[];
    };
  };
  /** Whether a member can do one thing, by each of their sessions and keys, and what keeps them from it. Needs role.read, member.read, security.read. */
  readonly getAccessExplain: {
    readonly query: {
      readonly member: string;
      readonly permission: string;
      readonly ip?: string | undefined;
    };
    readonly answer: {
      readonly permission: string;
      readonly may: "all" | "own" | "no";
      readonly roles: readonly string[];
      readonly dangerous: boolean;
      readonly ways: readonly {
        readonly kind: string;
        readonly name: string | null;
        readonly keyId: string | null;
        readonly lastSeenAt: string | null;
        readonly ceiling: readonly string[] | null;
        readonly may: "all" | "own" | "no";
        readonly problem: string | null;
      }[];
    };
  };
  /** Everybody and everything with access: members, keys, service accounts, grants, and what deserves a second look. Needs security.read, member.read, key.read. */
  readonly getAccessReview: {
    readonly answer: {
      readonly members: readonly {
        readonly id: string;
        readonly name: string;
        readonly email: string;
        readonly kind: string;
        readonly roles: readonly string[];
        readonly since: string;
        readonly lastSeenAt: string | null;
        readonly secondFactor: boolean;
        readonly secondFactorBy: "own" | "provider" | null;
        readonly breakGlass: boolean;
        readonly answerable: string | null;
        readonly flags: readonly string[];
      }[];
      readonly keys: readonly {
        readonly id: string;
        readonly name: string | null;
        readonly hint: string | null;
        readonly class: string;
        readonly owner: string;
        readonly madeBy: string | null;
        readonly permissions: readonly string[] | null;
        readonly networks: readonly string[] | null;
        readonly createdAt: string;
        readonly lastSeenAt: string | null;
        readonly expiresAt: string | null;
        readonly flags: readonly string[];
      }[];
      readonly publicKeys: readonly {
        readonly id: string;
        readonly name: string;
        readonly thumbprint: string;
        readonly alg: string;
        readonly owner: string;
        readonly madeBy: string | null;
        readonly createdAt: string;
        readonly lastSeenAt: string | null;
        readonly expiresAt: string | null;
      }[];
      readonly invitations: readonly {
        readonly id: string;
        readonly email: string;
        readonly roles: readonly string[];
        readonly expiresAt: string;
      }[];
      readonly supportGrants: readonly {
        readonly id: string;
        readonly email: string;
        readonly permissions: readonly string[];
        readonly reason: string;
        readonly until: string | null;
        readonly firstUsedAt: string | null;
      }[];
      readonly lastSignOff: {
        readonly at: string;
        readonly email: string;
        readonly note: string | null;
        readonly counts: {
          readonly members: number;
          readonly keys: number;
          readonly supportGrants: number;
        };
      } | null;
    };
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
  /** The organization's domains. Needs security.read. */
  readonly getDomains: {
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly name: string;
        readonly verifiedAt: string | null;
        readonly checkedAt: string | null;
        readonly missingSince: string | null;
        readonly verifiedUntil: string | null;
        readonly createdAt: string;
        readonly record: {
          readonly name: string;
          readonly type: "TXT";
          readonly value: string;
        };
      }[];
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
        readonly delivery: "waiting" | "sent" | "failed" | "held" | null;
        readonly lastError: string | null;
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
        readonly class: string;
        readonly permissions: readonly string[] | null;
        readonly networks: readonly string[] | null;
        readonly sites: readonly string[] | null;
        readonly memberId: string;
        readonly personName: string;
        readonly personEmail: string;
        readonly madeBy: string | null;
        readonly replacedBy: string | null;
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
        readonly kind: string;
        readonly version: number;
        readonly createdAt: string;
        readonly lastSeenAt: string | null;
        readonly endedAt: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** What a member can do, and which of their roles give it. Needs role.read, member.read, security.read. */
  readonly getMembersByIdAccess: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly permission: string;
        readonly may: "all" | "own" | "no";
        readonly roles: readonly string[];
        readonly dangerous: boolean;
      }[];
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
  /** Mail to the organization's own people that was sent or waits. Needs outbox.reveal. */
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
  /** The roles of the product and of the organization, and all permissions that there are. Needs role.read. */
  readonly getRoles: {
    readonly answer: {
      readonly items: readonly {
        readonly id: string | null;
        readonly name: string;
        readonly label: string;
        readonly description: string;
        readonly permissions: readonly string[];
        readonly members: number;
        readonly version: number | null;
      }[];
      readonly permissions: readonly {
        readonly key: string;
        readonly description: string;
        readonly composable: boolean;
        readonly own: boolean;
      }[];
    };
  };
  /** A role of the organization's own. Needs role.read. */
  readonly getRolesById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly id: string | null;
      readonly name: string;
      readonly label: string;
      readonly description: string;
      readonly permissions: readonly string[];
      readonly members: number;
      readonly version: number | null;
    };
  };
  /** Directories that provision members (SCIM), with their mapping and their last sync. Needs security.read. */
  readonly getScimConnections: {
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly name: string;
        readonly defaultRole: string | null;
        readonly roleMapping: Readonly<Record<string, string>>;
        readonly domains: readonly string[];
        readonly state: string;
        readonly version: number;
        readonly answerableName: string | null;
        readonly answerableEmail: string | null;
        readonly formerName: string | null;
        readonly wantsNewToken: boolean;
        readonly outOfReach: readonly string[];
        readonly users: number;
        readonly groups: number;
        readonly keys: readonly {
          readonly id: string;
          readonly hint: string;
          readonly createdAt: string;
          readonly expiresAt: string | null;
        }[];
        readonly createdAt: string;
        readonly lastChangeAt: string | null;
        readonly lastSyncAt: string | null;
        readonly endedAt: string | null;
      }[];
    };
  };
  /** The last things that went wrong with a directory: refused requests, members left out. Needs security.read. */
  readonly getScimConnectionsByIdFaults: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly at: string;
        readonly operation: string;
        readonly status: number;
        readonly detail: string;
      }[];
    };
  };
  /** The groups that a directory has pushed, to be mapped to roles. Needs security.read. */
  readonly getScimConnectionsByIdGroups: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly displayName: string;
        readonly members: number;
      }[];
    };
  };
  /** What the organization asks of whoever comes in. Needs security.read. */
  readonly getSecurity: {
    readonly answer: {
      readonly mfaGraceDays: number;
      readonly mfaRoles: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly sessionIdleSeconds: number | null;
      readonly sessionMaxSeconds: number | null;
      readonly sessionBound: "none" | "network" | "address";
      readonly closedWays: readonly ("link" | "password")[];
      readonly rememberedDevices: boolean;
      readonly mfaFrom: string;
      readonly ssoEnforced: boolean;
      readonly version: number;
    };
  };
  /** Service accounts, with who answers for each. Needs member.read. */
  readonly getServiceAccounts: {
    readonly query?: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly name: string;
        readonly email: string;
        readonly roles: readonly string[];
        readonly permissions: readonly string[];
        readonly version: number;
        readonly answerableId: string | null;
        readonly answerableName: string;
        readonly answerableEmail: string;
        readonly createdAt: string;
        readonly lastSeenAt: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** A service account. Needs member.read. */
  readonly getServiceAccountsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly email: string;
      readonly roles: readonly string[];
      readonly permissions: readonly string[];
      readonly version: number;
      readonly answerableId: string | null;
      readonly answerableName: string;
      readonly answerableEmail: string;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
    };
  };
  /** The public keys that a service account's assertions are checked by. Needs key.read. */
  readonly getServiceAccountsByIdPublicKeys: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly accountId: string;
        readonly name: string;
        readonly alg: string;
        readonly thumbprint: string;
        readonly permissions: readonly string[] | null;
        readonly networks: readonly string[] | null;
        readonly madeBy: string | null;
        readonly createdAt: string;
        readonly usedAt: string | null;
        readonly expiresAt: string | null;
      }[];
    };
  };
  /** The organization's identity providers. Needs security.read. */
  readonly getSsoConnections: {
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly kind: "oidc" | "saml";
        readonly name: string;
        readonly state: "draft" | "enabled" | "disabled";
        readonly settings: Readonly<Record<string, unknown>>;
        readonly hasSecret: boolean;
        readonly formerSecretUntil: string | null;
        readonly domains: readonly string[];
        readonly provisions: boolean;
        readonly defaultRoles: readonly string[];
        readonly roleMap: readonly {
          readonly group: string;
          readonly roles: readonly string[];
        }[];
        readonly followsGroups: boolean;
        readonly asksSecondFactor: boolean;
        readonly answers: string;
        readonly people: number;
        readonly turnedAway: number;
        readonly lastSignInAt: string | null;
        readonly setupLinkUntil: string | null;
        readonly callbackUrl: string;
        readonly logoutUrl: string | null;
        readonly version: number;
        readonly createdAt: string;
        readonly changedAt: string;
      }[];
    };
  };
  /** One identity provider. Needs security.read. */
  readonly getSsoConnectionsById: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly id: string;
      readonly kind: "oidc" | "saml";
      readonly name: string;
      readonly state: "draft" | "enabled" | "disabled";
      readonly settings: Readonly<Record<string, unknown>>;
      readonly hasSecret: boolean;
      readonly formerSecretUntil: string | null;
      readonly domains: readonly string[];
      readonly provisions: boolean;
      readonly defaultRoles: readonly string[];
      readonly roleMap: readonly {
        readonly group: string;
        readonly roles: readonly string[];
      }[];
      readonly followsGroups: boolean;
      readonly asksSecondFactor: boolean;
      readonly answers: string;
      readonly people: number;
      readonly turnedAway: number;
      readonly lastSignInAt: string | null;
      readonly setupLinkUntil: string | null;
      readonly callbackUrl: string;
      readonly logoutUrl: string | null;
      readonly version: number;
      readonly createdAt: string;
      readonly changedAt: string;
    };
  };
  /** Who came by this identity provider. Needs security.read. */
  readonly getSsoConnectionsByIdPeople: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly memberId: string;
        readonly name: string;
        readonly email: string;
        readonly asserted: string | null;
        readonly subject: string;
        readonly provisioned: boolean;
        readonly signedInAt: string;
      }[];
    };
  };
  /** What came to a connection's doors and belongs to no sign-in that was begun here; anybody can send it. Needs security.read. */
  readonly getSsoConnectionsByIdRefusals: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly at: string;
        readonly door: string;
        readonly reason: string;
        readonly times: number;
        readonly ip: string | null;
        readonly device: string | null;
        readonly requestId: string | null;
      }[];
    };
  };
  /** Whether single sign-on is demanded, who gets in without it, and which API keys stay. Needs security.read. */
  readonly getSsoEnforcement: {
    readonly answer: {
      readonly enforced: boolean;
      readonly breakGlass: readonly {
        readonly memberId: string;
        readonly name: string;
        readonly email: string;
        readonly secondFactor: boolean;
      }[];
      readonly keys: readonly {
        readonly id: string;
        readonly name: string | null;
        readonly hint: string | null;
        readonly owner: string;
      }[];
    };
  };
  /** Who of the platform's staff may come in, has asked to, or was in before. Needs support.read. */
  readonly getSupportGrants: {
    readonly query?: {
      readonly state?: "asked" | "live" | "past" | "all" | undefined;
      readonly emergency?: boolean | undefined;
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly items: readonly {
        readonly id: string;
        readonly operatorEmail: string;
        readonly operatorName: string | null;
        readonly state: string;
        readonly permissions: readonly string[];
        readonly reason: string;
        readonly reference: string | null;
        readonly hours: number;
        readonly emergency: boolean;
        readonly askedAt: string | null;
        readonly givenAt: string | null;
        readonly givenBy: string | null;
        readonly until: string | null;
        readonly firstUsedAt: string | null;
        readonly endedAt: string | null;
        readonly endedBy: string | null;
        readonly endedWhy: string | null;
      }[];
      readonly next: string | null;
    };
  };
  /** Whether the platform's staff could come in without the organization's consent, and what a grant may name. Needs support.read. */
  readonly getSupportPolicy: {
    readonly answer: {
      readonly emergencyRefused: boolean;
      readonly emergencyPossible: boolean;
      readonly lendable: readonly string[];
      readonly lentByDefault: readonly string[];
    };
  };
  /** The public keys of access tokens (RFC 7517) */
  readonly getWellKnownJwksJson: {
    readonly answer: {
      readonly keys: readonly {
        readonly kty: string;
        readonly crv: string;
        readonly x: string;
        readonly kid: string;
        readonly alg: string;
        readonly use: string;
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
  /** Give an API key another name, or limit it to other networks: one's own, or anybody's for those who may end them. Needs key.create, key.read, key.end. */
  readonly patchKeysById: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string | undefined;
      readonly networks?: readonly string[] | null | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string | null;
      readonly hint: string | null;
      readonly class: string;
      readonly permissions: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly sites: readonly string[] | null;
      readonly memberId: string;
      readonly personName: string;
      readonly personEmail: string;
      readonly madeBy: string | null;
      readonly replacedBy: string | null;
      readonly ip: string | null;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
      readonly expiresAt: string | null;
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
      readonly kind: string;
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
  /** Rename a role or change what it gives; holds for everybody who has it from their next request. Needs role.read, role.change. */
  readonly patchRolesById: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly label?: string | undefined;
      readonly description?: string | undefined;
      readonly permissions?: readonly string[] | undefined;
    };
    readonly answer: {
      readonly id: string | null;
      readonly name: string;
      readonly label: string;
      readonly description: string;
      readonly permissions: readonly string[];
      readonly members: number;
      readonly version: number | null;
    };
  };
  /** Change what a directory gives; whoever does answers for it from then on. Needs security.change, security.read. */
  readonly patchScimConnectionsById: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string | undefined;
      readonly defaultRole?: string | null | undefined;
      readonly roleMapping?: Readonly<Record<string, string>> | undefined;
      readonly domains?: readonly string[] | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly defaultRole: string | null;
      readonly roleMapping: Readonly<Record<string, string>>;
      readonly domains: readonly string[];
      readonly state: string;
      readonly version: number;
      readonly answerableName: string | null;
      readonly answerableEmail: string | null;
      readonly formerName: string | null;
      readonly wantsNewToken: boolean;
      readonly outOfReach: readonly string[];
      readonly users: number;
      readonly groups: number;
      readonly keys: readonly {
        readonly id: string;
        readonly hint: string;
        readonly createdAt: string;
        readonly expiresAt: string | null;
      }[];
      readonly createdAt: string;
      readonly lastChangeAt: string | null;
      readonly lastSyncAt: string | null;
      readonly endedAt: string | null;
    };
  };
  /** Change what the organization asks of whoever comes in; refused when it would lock out whoever changes it. Needs security.read, security.change. */
  readonly patchSecurity: {
    readonly body: {
      readonly mfaGraceDays?: number | undefined;
      readonly mfaRoles?: readonly string[] | null | undefined;
      readonly networks?: readonly string[] | null | undefined;
      readonly sessionIdleSeconds?: number | null | undefined;
      readonly sessionMaxSeconds?: number | null | undefined;
      readonly sessionBound?: "none" | "network" | "address" | undefined;
      readonly closedWays?: readonly ("link" | "password")[] | undefined;
      readonly rememberedDevices?: boolean | undefined;
    };
    readonly answer: {
      readonly mfaGraceDays: number;
      readonly mfaRoles: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly sessionIdleSeconds: number | null;
      readonly sessionMaxSeconds: number | null;
      readonly sessionBound: "none" | "network" | "address";
      readonly closedWays: readonly ("link" | "password")[];
      readonly rememberedDevices: boolean;
      readonly mfaFrom: string;
      readonly ssoEnforced: boolean;
      readonly version: number;
    };
  };
  /** Give a service account another name, other roles, or somebody else who answers for it. Needs member.read, member.change. */
  readonly patchServiceAccountsById: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string | undefined;
      readonly roles?: readonly string[] | undefined;
      readonly answerableId?: string | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly email: string;
      readonly roles: readonly string[];
      readonly permissions: readonly string[];
      readonly version: number;
      readonly answerableId: string | null;
      readonly answerableName: string;
      readonly answerableEmail: string;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
    };
  };
  /** Change an identity provider; a setting that is not named stays, null takes one away, and a new secret leaves the former one good for a day. Needs security.read, security.change. */
  readonly patchSsoConnectionsById: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string | undefined;
      readonly settings?: Readonly<Record<string, unknown>> | undefined;
      readonly secret?: string | undefined;
      readonly newKey?: boolean | undefined;
      readonly domains?: readonly string[] | undefined;
      readonly provisions?: boolean | undefined;
      readonly defaultRoles?: readonly string[] | undefined;
      readonly roleMap?: readonly {
        readonly group: string;
        readonly roles: readonly string[];
      }[] | undefined;
      readonly followsGroups?: boolean | undefined;
      readonly asksSecondFactor?: boolean | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly kind: "oidc" | "saml";
      readonly name: string;
      readonly state: "draft" | "enabled" | "disabled";
      readonly settings: Readonly<Record<string, unknown>>;
      readonly hasSecret: boolean;
      readonly formerSecretUntil: string | null;
      readonly domains: readonly string[];
      readonly provisions: boolean;
      readonly defaultRoles: readonly string[];
      readonly roleMap: readonly {
        readonly group: string;
        readonly roles: readonly string[];
      }[];
      readonly followsGroups: boolean;
      readonly asksSecondFactor: boolean;
      readonly answers: string;
      readonly people: number;
      readonly turnedAway: number;
      readonly lastSignInAt: string | null;
      readonly setupLinkUntil: string | null;
      readonly callbackUrl: string;
      readonly logoutUrl: string | null;
      readonly version: number;
      readonly createdAt: string;
      readonly changedAt: string;
    };
  };
  /** Refuse emergency access for good, or take that back; what is live or waits ends. Needs support.read, support.grant. */
  readonly patchSupportPolicy: {
    readonly body: {
      readonly emergencyRefused: boolean;
    };
    readonly answer: {
      readonly emergencyRefused: boolean;
      readonly emergencyPossible: boolean;
    };
  };
  /** Say that everybody with access was gone over; the trail keeps who said so, and how much there was. Needs security.read, member.read, key.read, security.change. */
  readonly postAccessReviewSignOffs: {
    readonly body: {
      readonly note?: string | undefined;
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** Add a domain; it counts once its TXT record was found. Needs security.read, security.change. */
  readonly postDomains: {
    readonly body: {
      readonly name: string;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly verifiedAt: string | null;
      readonly checkedAt: string | null;
      readonly missingSince: string | null;
      readonly verifiedUntil: string | null;
      readonly createdAt: string;
      readonly record: {
        readonly name: string;
        readonly type: "TXT";
        readonly value: string;
      };
    };
  };
  /** Look for the domain's TXT record now. Needs security.read, security.change. */
  readonly postDomainsByIdCheck: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly verifiedAt: string | null;
      readonly checkedAt: string | null;
      readonly missingSince: string | null;
      readonly verifiedUntil: string | null;
      readonly createdAt: string;
      readonly record: {
        readonly name: string;
        readonly type: "TXT";
        readonly value: string;
      };
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
      readonly delivery: "waiting" | "sent" | "failed" | "held" | null;
      readonly lastError: string | null;
    };
  };
  /** Make an API key; the answer is the only place where it is ever shown. Needs key.create, key.read. */
  readonly postKeys: {
    readonly body: {
      readonly name: string;
      readonly class?: "personal" | "secret" | "publishable" | undefined;
      readonly permissions?: readonly string[] | null | undefined;
      readonly networks?: readonly string[] | null | undefined;
      readonly sites?: readonly string[] | null | undefined;
      readonly expiresAt?: string | null | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string | null;
      readonly hint: string | null;
      readonly class: string;
      readonly permissions: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly sites: readonly string[] | null;
      readonly memberId: string;
      readonly personName: string;
      readonly personEmail: string;
      readonly madeBy: string | null;
      readonly replacedBy: string | null;
      readonly ip: string | null;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
      readonly expiresAt: string | null;
      readonly key: string;
    };
  };
  /** Make a key like this one in its place; the old one goes on for the overlap, and then ends by itself. Needs key.create, key.read, key.end. */
  readonly postKeysByIdReroll: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly overlapSeconds: 0 | 900 | 3600 | 21600 | 86400;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string | null;
      readonly hint: string | null;
      readonly class: string;
      readonly permissions: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly sites: readonly string[] | null;
      readonly memberId: string;
      readonly personName: string;
      readonly personEmail: string;
      readonly madeBy: string | null;
      readonly replacedBy: string | null;
      readonly ip: string | null;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
      readonly expiresAt: string | null;
      readonly key: string;
    };
  };
  /** Exchange the key that asks for a token of an hour at most, that may as much or less and ends with the key. Needs organization.read. */
  readonly postKeysExchange: {
    readonly body: {
      readonly seconds?: number | undefined;
      readonly permissions?: readonly string[] | undefined;
    };
    readonly answer: {
      readonly accessToken: string;
      readonly tokenType: "Bearer";
      readonly expiresAt: string;
    };
  };
  /** Have a member sign in again: when this has answered, no earlier session of theirs works here. Needs member.change. */
  readonly postMembersByIdEndSessions: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** Take the second factor away from a member who has lost it, and who belongs to this organization alone. Needs member.change. */
  readonly postMembersByIdResetFactors: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** Make a role of the organization's own, out of permissions that you hold. Needs role.read, role.change. */
  readonly postRoles: {
    readonly body: {
      readonly label: string;
      readonly description?: string | undefined;
      readonly permissions: readonly string[];
    };
    readonly answer: {
      readonly id: string | null;
      readonly name: string;
      readonly label: string;
      readonly description: string;
      readonly permissions: readonly string[];
      readonly members: number;
      readonly version: number | null;
    };
  };
  /** Connect a directory (SCIM); the answer is the only place where its token is ever shown. Needs security.change, security.read. */
  readonly postScimConnections: {
    readonly body: {
      readonly name: string;
      readonly defaultRole: string | null;
      readonly roleMapping: Readonly<Record<string, string>>;
      readonly domains: readonly string[];
      readonly expiresAt?: string | null | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly defaultRole: string | null;
      readonly roleMapping: Readonly<Record<string, string>>;
      readonly domains: readonly string[];
      readonly state: string;
      readonly version: number;
      readonly answerableName: string | null;
      readonly answerableEmail: string | null;
      readonly formerName: string | null;
      readonly wantsNewToken: boolean;
      readonly outOfReach: readonly string[];
      readonly users: number;
      readonly groups: number;
      readonly keys: readonly {
        readonly id: string;
        readonly hint: string;
        readonly createdAt: string;
        readonly expiresAt: string | null;
      }[];
      readonly createdAt: string;
      readonly lastChangeAt: string | null;
      readonly lastSyncAt: string | null;
      readonly endedAt: string | null;
      readonly token: string;
      readonly scimUrl: string;
    };
  };
  /** Give a directory a new token; the older ones live on for a while, or end at once. Needs security.change, security.read. */
  readonly postScimConnectionsByIdReroll: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly overlapSeconds: 0 | 900 | 3600 | 21600 | 86400;
      readonly expiresAt?: string | null | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly defaultRole: string | null;
      readonly roleMapping: Readonly<Record<string, string>>;
      readonly domains: readonly string[];
      readonly state: string;
      readonly version: number;
      readonly answerableName: string | null;
      readonly answerableEmail: string | null;
      readonly formerName: string | null;
      readonly wantsNewToken: boolean;
      readonly outOfReach: readonly string[];
      readonly users: number;
      readonly groups: number;
      readonly keys: readonly {
        readonly id: string;
        readonly hint: string;
        readonly createdAt: string;
        readonly expiresAt: string | null;
      }[];
      readonly createdAt: string;
      readonly lastChangeAt: string | null;
      readonly lastSyncAt: string | null;
      readonly endedAt: string | null;
      readonly token: string;
      readonly scimUrl: string;
    };
  };
  /** What a change of these rules would do, and to whom, without making it. Needs security.read, member.read. */
  readonly postSecurityPreview: {
    readonly body: {
      readonly mfaGraceDays?: number | undefined;
      readonly mfaRoles?: readonly string[] | null | undefined;
      readonly networks?: readonly string[] | null | undefined;
      readonly sessionIdleSeconds?: number | null | undefined;
      readonly sessionMaxSeconds?: number | null | undefined;
      readonly sessionBound?: "none" | "network" | "address" | undefined;
      readonly closedWays?: readonly ("link" | "password")[] | undefined;
      readonly rememberedDevices?: boolean | undefined;
    };
    readonly answer: {
      readonly wouldBe: {
        readonly mfaGraceDays: number;
        readonly mfaRoles: readonly string[] | null;
        readonly networks: readonly string[] | null;
        readonly sessionIdleSeconds: number | null;
        readonly sessionMaxSeconds: number | null;
        readonly sessionBound: "none" | "network" | "address";
        readonly closedWays: readonly ("link" | "password")[];
        readonly rememberedDevices: boolean;
      };
      readonly withoutSecondFactor: {
        readonly count: number;
        readonly people: readonly {
          readonly id: string;
          readonly name: string;
          readonly email: string;
          readonly outFrom: string;
        }[];
      };
      readonly withoutWay: {
        readonly count: number;
        readonly people: readonly {
          readonly id: string;
          readonly name: string;
          readonly email: string;
        }[];
      };
      readonly outsideNetworks: {
        readonly count: number;
        readonly people: readonly {
          readonly id: string;
          readonly name: string;
          readonly email: string;
        }[];
      };
      readonly keysOutsideNetworks: {
        readonly count: number;
        readonly keys: readonly {
          readonly id: string;
          readonly name: string | null;
          readonly hint: string | null;
        }[];
      };
      readonly endingSessions: {
        readonly count: number;
        readonly people: readonly {
          readonly id: string;
          readonly name: string;
          readonly email: string;
        }[];
      };
      readonly locksYouOut: string | null;
    };
  };
  /** Make a service account; it may do nothing that its maker may not. Needs member.read, member.change. */
  readonly postServiceAccounts: {
    readonly body: {
      readonly name: string;
      readonly roles: readonly string[];
      readonly answerableId?: string | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly email: string;
      readonly roles: readonly string[];
      readonly permissions: readonly string[];
      readonly version: number;
      readonly answerableId: string | null;
      readonly answerableName: string;
      readonly answerableEmail: string;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
    };
  };
  /** Make a key for a service account; it may no more than its maker may, now and later. Needs key.create, key.read, member.change. */
  readonly postServiceAccountsByIdKeys: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly name: string;
      readonly permissions?: readonly string[] | null | undefined;
      readonly networks?: readonly string[] | null | undefined;
      readonly expiresAt?: string | null | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string | null;
      readonly hint: string | null;
      readonly class: string;
      readonly permissions: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly sites: readonly string[] | null;
      readonly memberId: string;
      readonly personName: string;
      readonly personEmail: string;
      readonly madeBy: string | null;
      readonly replacedBy: string | null;
      readonly ip: string | null;
      readonly createdAt: string;
      readonly lastSeenAt: string | null;
      readonly expiresAt: string | null;
      readonly key: string;
    };
  };
  /** Register a public key (JWK) that a service account signs assertions with: ES256, EdDSA or RS256. Needs key.create, key.read, member.change. */
  readonly postServiceAccountsByIdPublicKeys: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly name: string;
      readonly permissions?: readonly string[] | null | undefined;
      readonly networks?: readonly string[] | null | undefined;
      readonly expiresAt?: string | null | undefined;
      readonly jwk: {
        readonly kty: string;
        readonly crv?: string | undefined;
        readonly x?: string | undefined;
        readonly y?: string | undefined;
        readonly n?: string | undefined;
        readonly e?: string | undefined;
        readonly alg?: string | undefined;
        readonly use?: string | undefined;
        readonly kid?: string | undefined;
      };
    };
    readonly answer: {
      readonly id: string;
      readonly accountId: string;
      readonly name: string;
      readonly alg: string;
      readonly thumbprint: string;
      readonly permissions: readonly string[] | null;
      readonly networks: readonly string[] | null;
      readonly madeBy: string | null;
      readonly createdAt: string;
      readonly usedAt: string | null;
      readonly expiresAt: string | null;
    };
  };
  /** Add an identity provider, as a draft that lets nobody in yet. Needs security.read, security.change. */
  readonly postSsoConnections: {
    readonly body: {
      readonly kind: "oidc" | "saml";
      readonly name: string;
    };
    readonly answer: {
      readonly id: string;
      readonly kind: "oidc" | "saml";
      readonly name: string;
      readonly state: "draft" | "enabled" | "disabled";
      readonly settings: Readonly<Record<string, unknown>>;
      readonly hasSecret: boolean;
      readonly formerSecretUntil: string | null;
      readonly domains: readonly string[];
      readonly provisions: boolean;
      readonly defaultRoles: readonly string[];
      readonly roleMap: readonly {
        readonly group: string;
        readonly roles: readonly string[];
      }[];
      readonly followsGroups: boolean;
      readonly asksSecondFactor: boolean;
      readonly answers: string;
      readonly people: number;
      readonly turnedAway: number;
      readonly lastSignInAt: string | null;
      readonly setupLinkUntil: string | null;
      readonly callbackUrl: string;
      readonly logoutUrl: string | null;
      readonly version: number;
      readonly createdAt: string;
      readonly changedAt: string;
    };
  };
  /** Let nobody in by it any more; the sessions that it opened end at once. Needs security.change. */
  readonly postSsoConnectionsByIdDisable: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** Let people in by this identity provider. Needs security.change. */
  readonly postSsoConnectionsByIdEnable: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: void;
  };
  /** End a connection for good, and where that is wanted the memberships that it made. Needs security.change, member.change. */
  readonly postSsoConnectionsByIdEnd: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly offBoard: boolean;
    };
    readonly answer: {
      readonly offBoarded: number;
    };
  };
  /** Try a connection out oneself: where to go, in this browser; it opens no session. Needs security.read, security.change. */
  readonly postSsoConnectionsByIdTest: {
    readonly params: {
      readonly id: string;
    };
    readonly answer: {
      readonly location: string;
    };
  };
  /** Make a link by which somebody sets a connection up without an account; an older one of the same draft dies. Needs security.read, security.change. */
  readonly postSsoSetupLinks: {
    readonly body: {
      readonly connectionId?: string | undefined;
      readonly kind?: "oidc" | "saml" | undefined;
      readonly name?: string | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly link: string;
      readonly expiresAt: string;
    };
  };
  /** Let one of the platform's staff in; the answer does not tell whether anybody has the address. Needs support.read, support.grant. */
  readonly postSupportGrants: {
    readonly body: {
      readonly operator: string;
      readonly reason: string;
      readonly hours: number;
      readonly reference?: string | undefined;
      readonly permissions?: readonly string[] | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly operatorEmail: string;
      readonly operatorName: string | null;
      readonly state: string;
      readonly permissions: readonly string[];
      readonly reason: string;
      readonly reference: string | null;
      readonly hours: number;
      readonly emergency: boolean;
      readonly askedAt: string | null;
      readonly givenAt: string | null;
      readonly givenBy: string | null;
      readonly until: string | null;
      readonly firstUsedAt: string | null;
      readonly endedAt: string | null;
      readonly endedBy: string | null;
      readonly endedWhy: string | null;
    };
  };
  /** Give what an operator has asked for, or less of it. Needs support.read, support.grant. */
  readonly postSupportGrantsByIdApprove: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly hours?: number | undefined;
      readonly permissions?: readonly string[] | undefined;
    };
    readonly answer: {
      readonly id: string;
      readonly operatorEmail: string;
      readonly operatorName: string | null;
      readonly state: string;
      readonly permissions: readonly string[];
      readonly reason: string;
      readonly reference: string | null;
      readonly hours: number;
      readonly emergency: boolean;
      readonly askedAt: string | null;
      readonly givenAt: string | null;
      readonly givenBy: string | null;
      readonly until: string | null;
      readonly firstUsedAt: string | null;
      readonly endedAt: string | null;
      readonly endedBy: string | null;
      readonly endedWhy: string | null;
    };
  };
  /** Let an owner with a second factor in without single sign-on, or no longer. Needs security.change. */
  readonly putMembersByIdBreakGlass: {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly breakGlass: boolean;
    };
    readonly answer: void;
  };
  /** Demand single sign-on of everybody, after having tried it out; every other session loses access at once. Needs security.change. */
  readonly putSsoEnforcement: {
    readonly body: {
      readonly enforced: boolean;
    };
    readonly answer: void;
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
  deleteDomainsById: { method: "DELETE", path: "/v1/domains/{id}" },
  deleteInvitationsById: { method: "DELETE", path: "/v1/invitations/{id}" },
  deleteKeysById: { method: "DELETE", path: "/v1/keys/{id}" },
  deleteMembersById: { method: "DELETE", path: "/v1/members/{id}" },
  deletePublicKeysById: { method: "DELETE", path: "/v1/public-keys/{id}" },
  deleteRolesById: { method: "DELETE", path: "/v1/roles/{id}" },
  deleteScimConnectionsById: { method: "DELETE", path: "/v1/scim-connections/{id}" },
  deleteServiceAccountsById: { method: "DELETE", path: "/v1/service-accounts/{id}" },
  deleteSsoConnectionsByIdPeopleByMemberId: { method: "DELETE", path: "/v1/sso-connections/{id}/people/{memberId}" },
  deleteSupportGrantsById: { method: "DELETE", path: "/v1/support-grants/{id}" },
  exportAccessReviewCsv: { method: "GET", path: "/v1/access-review/export.csv" },
  exportAccounts: { method: "GET", path: "/v1/accounts/export.csv" },
  exportAuditEventsCsv: { method: "GET", path: "/v1/audit-events/export.csv" },
  exportAuditEventsJsonl: { method: "GET", path: "/v1/audit-events/export.jsonl" },
  exportContacts: { method: "GET", path: "/v1/contacts/export.csv" },
  getAccess: { method: "GET", path: "/v1/access" },
  getAccessExplain: { method: "GET", path: "/v1/access/explain" },
  getAccessReview: { method: "GET", path: "/v1/access-review" },
  getAuditEvents: { method: "GET", path: "/v1/audit-events" },
  getDomains: { method: "GET", path: "/v1/domains" },
  getInvitations: { method: "GET", path: "/v1/invitations" },
  getKeys: { method: "GET", path: "/v1/keys" },
  getMembers: { method: "GET", path: "/v1/members" },
  getMembersByIdAccess: { method: "GET", path: "/v1/members/{id}/access" },
  getOrganization: { method: "GET", path: "/v1/organization" },
  getOutbox: { method: "GET", path: "/v1/outbox" },
  getProtection: { method: "GET", path: "/v1/protection" },
  getRoles: { method: "GET", path: "/v1/roles" },
  getRolesById: { method: "GET", path: "/v1/roles/{id}" },
  getScimConnections: { method: "GET", path: "/v1/scim-connections" },
  getScimConnectionsByIdFaults: { method: "GET", path: "/v1/scim-connections/{id}/faults" },
  getScimConnectionsByIdGroups: { method: "GET", path: "/v1/scim-connections/{id}/groups" },
  getSecurity: { method: "GET", path: "/v1/security" },
  getServiceAccounts: { method: "GET", path: "/v1/service-accounts" },
  getServiceAccountsById: { method: "GET", path: "/v1/service-accounts/{id}" },
  getServiceAccountsByIdPublicKeys: { method: "GET", path: "/v1/service-accounts/{id}/public-keys" },
  getSsoConnections: { method: "GET", path: "/v1/sso-connections" },
  getSsoConnectionsById: { method: "GET", path: "/v1/sso-connections/{id}" },
  getSsoConnectionsByIdPeople: { method: "GET", path: "/v1/sso-connections/{id}/people" },
  getSsoConnectionsByIdRefusals: { method: "GET", path: "/v1/sso-connections/{id}/refusals" },
  getSsoEnforcement: { method: "GET", path: "/v1/sso-enforcement" },
  getSupportGrants: { method: "GET", path: "/v1/support-grants" },
  getSupportPolicy: { method: "GET", path: "/v1/support-policy" },
  getWellKnownJwksJson: { method: "GET", path: "/.well-known/jwks.json" },
  historyOfAccount: { method: "GET", path: "/v1/accounts/{id}/history" },
  historyOfContact: { method: "GET", path: "/v1/contacts/{id}/history" },
  historyOfOwnField: { method: "GET", path: "/v1/fields/{id}/history" },
  importErrors: { method: "GET", path: "/v1/imports/{id}/errors.csv" },
  listAccounts: { method: "GET", path: "/v1/accounts" },
  listContacts: { method: "GET", path: "/v1/contacts" },
  listFields: { method: "GET", path: "/v1/fields" },
  listImports: { method: "GET", path: "/v1/imports" },
  patchKeysById: { method: "PATCH", path: "/v1/keys/{id}" },
  patchMembersById: { method: "PATCH", path: "/v1/members/{id}" },
  patchOrganization: { method: "PATCH", path: "/v1/organization" },
  patchRolesById: { method: "PATCH", path: "/v1/roles/{id}" },
  patchScimConnectionsById: { method: "PATCH", path: "/v1/scim-connections/{id}" },
  patchSecurity: { method: "PATCH", path: "/v1/security" },
  patchServiceAccountsById: { method: "PATCH", path: "/v1/service-accounts/{id}" },
  patchSsoConnectionsById: { method: "PATCH", path: "/v1/sso-connections/{id}" },
  patchSupportPolicy: { method: "PATCH", path: "/v1/support-policy" },
  postAccessReviewSignOffs: { method: "POST", path: "/v1/access-review/sign-offs" },
  postDomains: { method: "POST", path: "/v1/domains" },
  postDomainsByIdCheck: { method: "POST", path: "/v1/domains/{id}/check" },
  postInvitations: { method: "POST", path: "/v1/invitations" },
  postKeys: { method: "POST", path: "/v1/keys" },
  postKeysByIdReroll: { method: "POST", path: "/v1/keys/{id}/reroll" },
  postKeysExchange: { method: "POST", path: "/v1/keys/exchange" },
  postMembersByIdEndSessions: { method: "POST", path: "/v1/members/{id}/end-sessions" },
  postMembersByIdResetFactors: { method: "POST", path: "/v1/members/{id}/reset-factors" },
  postRoles: { method: "POST", path: "/v1/roles" },
  postScimConnections: { method: "POST", path: "/v1/scim-connections" },
  postScimConnectionsByIdReroll: { method: "POST", path: "/v1/scim-connections/{id}/reroll" },
  postSecurityPreview: { method: "POST", path: "/v1/security/preview" },
  postServiceAccounts: { method: "POST", path: "/v1/service-accounts" },
  postServiceAccountsByIdKeys: { method: "POST", path: "/v1/service-accounts/{id}/keys" },
  postServiceAccountsByIdPublicKeys: { method: "POST", path: "/v1/service-accounts/{id}/public-keys" },
  postSsoConnections: { method: "POST", path: "/v1/sso-connections" },
  postSsoConnectionsByIdDisable: { method: "POST", path: "/v1/sso-connections/{id}/disable" },
  postSsoConnectionsByIdEnable: { method: "POST", path: "/v1/sso-connections/{id}/enable" },
  postSsoConnectionsByIdEnd: { method: "POST", path: "/v1/sso-connections/{id}/end" },
  postSsoConnectionsByIdTest: { method: "POST", path: "/v1/sso-connections/{id}/test" },
  postSsoSetupLinks: { method: "POST", path: "/v1/sso-setup-links" },
  postSupportGrants: { method: "POST", path: "/v1/support-grants" },
  postSupportGrantsByIdApprove: { method: "POST", path: "/v1/support-grants/{id}/approve" },
  putMembersByIdBreakGlass: { method: "PUT", path: "/v1/members/{id}/break-glass" },
  putSsoEnforcement: { method: "PUT", path: "/v1/sso-enforcement" },
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
