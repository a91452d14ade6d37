import { planned, type Chapter } from "./promise.ts";

export const encryption = {
  title: "Encryption",
  promises: {
    "ENC-1": planned(
      "Credentials of integrations (mailbox, telephony, AI, do-not-call and webhook secrets, authenticator seeds) are sealed with AES-256-GCM before they are stored.",
    ),
    "ENC-2": planned(
      "A stored credential is never shown to any client again; it is unsealed only at the moment of the outbound call, and that is audited.",
    ),
    "ENC-3": planned(
      "Each tenant is encrypted with a key of its own, wrapped by a key that is kept outside of the database.",
    ),
    "ENC-4": planned(
      "The wrapping key may live in a file, in a hardware module (PKCS#11), in the key service of a cloud or in a secrets vault; one suite of tests holds for all.",
    ),
    "ENC-5": planned(
      "Tenant keys and wrapping keys are rotated without downtime, and a rotation that was interrupted goes on where it stopped.",
    ),
    "ENC-6": planned(
      "Traffic is TLS only: 1.3 for the API, 1.2 at the least where an organization needs it, with HSTS and secure headers; plain text is refused.",
    ),
    "ENC-7": planned("Backups and stored logs are encrypted."),
    "ENC-8": planned(
      "Deleting an organization or a person destroys its key, so that old backups cannot bring the sealed data back.",
    ),
    "ENC-9": planned(
      "The database, its log, files and caches lie on encrypted storage: a production start refuses otherwise, or records the operator's statement that they do.",
    ),
    "ENC-10": planned(
      "Personal free text, files, recordings, transcripts and archived rows are sealed under the tenant's key, and the list of sealed fields is generated.",
    ),
    "ENC-11": planned(
      "Platform secrets come from a secret store or from files, never from code, version control or plain configuration.",
    ),
    "ENC-12": planned(
      "Certificate pins, the current and the next, are published, and the client library honours them.",
    ),
  },
} as const satisfies Chapter;
