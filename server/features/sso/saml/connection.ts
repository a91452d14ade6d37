/** What the validator must know of a connection; nothing of it comes out of a response. */
export interface SamlConnection {
  /** The identity provider's entity id, byte for byte. */
  readonly issuer: string;
  /** The pinned certificates, as PEM: several while one replaces another. */
  readonly certificates: readonly string[];
  /** Our entity id for this connection; each connection has its own. */
  readonly entityId: string;
  /** Where this connection's responses are posted to. */
  readonly acsUrl: string;
  /** Whether the identity provider may begin, without a request of ours. */
  readonly allowsUnsolicited: boolean;
  /** The private keys (PEM) to which assertions are encrypted, the newest first; without one, none is taken that is. */
  readonly decryptionKeys: readonly string[];
  /** How far the two clocks may be apart. */
  readonly skewSeconds: number;
  /** Names of the attributes to read; the usual ones unless given. */
  readonly attributes: AttributeNames;
}

export interface AttributeNames {
  readonly email?: string;
  readonly name?: string;
  readonly groups?: string;
}

/** What this one sign-in must match. */
export interface Expectations {
  readonly now: Date;
  /** The id of our request that this browser sent and nothing has answered yet, or null when there is none. */
  readonly request: string | null;
}

/** Who the identity provider says that this is. All of it comes out of the signed bytes. */
export interface SamlIdentity {
  readonly assertionId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly subjectFormat: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly groups: readonly string[];
  /** Whether the identity provider says that it asked for a second factor. */
  readonly secondFactor: boolean;
  readonly sessionIndex: string | null;
  /** When the person showed the identity provider who they are, which may be hours ago. */
  readonly authenticatedAt: Date;
  /** The request that this answers; null when the identity provider began. */
  readonly inResponseTo: string | null;
  /** Until when the assertion must be remembered, so that it is good once. */
  readonly rememberUntil: Date;
}
