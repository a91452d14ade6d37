/** Why a response is not taken, as the audit row keeps it; whoever sent it is told none of this. */
const refusalReasons = [
  "too-large",
  "not-base64",
  "not-utf8",
  "not-plain-xml",
  "not-a-response",
  "status-not-success",
  "wrong-destination",
  "wrong-issuer",
  "assertion-count",
  "signature-count",
  "signature-misplaced",
  "signature-shape",
  "signature-algorithm",
  "id-not-unique",
  "reference-mismatch",
  "signature-wrong",
  "certificate-unusable",
  "encrypted-without-key",
  "encrypted-unsigned-response",
  "encryption-algorithm",
  "decryption-failed",
  "assertion-shape",
  "assertion-not-signed",
  "subject-shape",
  "subject-transient",
  "wrong-recipient",
  "wrong-audience",
  "wrong-in-response-to",
  "unsolicited",
  "not-yet-valid",
  "expired",
  "unknown-condition",
  "attribute-ambiguous",
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** Thrown within this room only; `validateResponse` turns it into a value. The detail never holds what a person is called. */
export class Refused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.name = "Refused";
    this.reason = reason;
  }
}
