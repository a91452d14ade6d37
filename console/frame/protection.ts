/** What stands between a page and everybody else: the permission its doors demand, and what is never shown on it. */
export interface Protection {
  readonly page: string;
  readonly needs: string | null;
  readonly sealed: string;
}

const nothingSealed = "Nothing on this page is stored under the organization's sealing key yet.";

const byRoom: Readonly<Record<string, Protection>> = {
  contacts: { page: "Contacts", needs: "contact.read", sealed: nothingSealed },
  accounts: { page: "Accounts", needs: "account.read", sealed: nothingSealed },
  imports: { page: "Imports", needs: "import.read", sealed: nothingSealed },
  members: {
    page: "Members",
    needs: "member.read",
    sealed: "Passwords are kept only as hashes; no page can show one.",
  },
  roles: { page: "Roles", needs: "member.read", sealed: nothingSealed },
  keys: {
    page: "API keys",
    needs: "key.read",
    sealed: "Keys are kept only as hashes; a key is shown once, when it is made.",
  },
  "service-accounts": {
    page: "Service accounts",
    needs: "member.read",
    sealed: "Keys are kept only as hashes, and of public keys there is nothing to seal.",
  },
  security: {
    page: "Who gets in",
    needs: "security.read",
    sealed: "Secrets of identity providers are sealed; no page can show one.",
  },
  "access-review": { page: "Access review", needs: "security.read", sealed: nothingSealed },
  support: { page: "Support access", needs: "support.read", sealed: nothingSealed },
  audit: { page: "Audit log", needs: "audit.read", sealed: "Credentials never enter the trail." },
  outbox: { page: "Outbox", needs: "outbox.reveal", sealed: nothingSealed },
  settings: { page: "Organization", needs: "organization.read", sealed: nothingSealed },
  "own-security": {
    page: "Your sign-in",
    needs: null,
    sealed: "Passwords and backup codes are kept only as hashes; what authenticator apps share is sealed.",
  },
  sessions: {
    page: "Your sessions",
    needs: null,
    sealed: "Session tokens are kept only as hashes; no page can show one.",
  },
};

/** What protects the page at this path; `/o/acme/contacts/…` is protected as `contacts`. */
export function protectionOf(pathname: string): Protection {
  const room = pathname.split("/")[3] ?? "";
  return byRoom[room] ?? { page: "This page", needs: null, sealed: nothingSealed };
}
