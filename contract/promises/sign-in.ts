import { kept, planned, type Chapter } from "./promise.ts";

export const signIn = {
  title: "Sign-in and sessions",
  promises: {
    "IAM-1": kept(
      "Passwords are kept by argon2id or by bcrypt at cost 12, are hashed anew on sign-in when the recipe has changed, and pass through a bounded queue.",
    ),
    "IAM-2": kept("A link for resetting a password works once and for one hour."),
    "IAM-3": kept(
      "A sign-in link works once and for 15 minutes at most, is stored hashed, and takes effect only when the person confirms.",
    ),
    "IAM-4": kept("Sessions are HttpOnly cookies; the database holds only digests of their tokens."),
    "IAM-5": kept(
      "API sessions use access tokens of one hour and refresh tokens of seven days that change at each use; reuse ends the whole family, while two tabs of one person do not.",
    ),
    "IAM-6": kept(
      "Each session is listed with its device, address and last use, and one tap ends it at once.",
    ),
    "IAM-7": kept(
      "An organization may sign in by OIDC or SAML 2.0 and may enforce that; passwords, resets and links are closed then, but for a break-glass owner.",
    ),
    "IAM-8": kept(
      "One-time codes, backup codes and passkeys are second factors; admins may require one of everybody, on every way to sign in, and a code works once.",
    ),
    "IAM-9": kept(
      "Cookie sessions prove with a paired token that an unsafe request came from the console; requests with a bearer credential need not.",
    ),
    "IAM-10": kept(
      "Public tokens may only send events, secret tokens may send and read a little, and neither may delete; keys can be renewed at any time, with an overlap.",
    ),
    "IAM-11": kept(
      "An organization, and each key, may be limited to lists of IPv4 and IPv6 addresses, without anybody locking themselves out.",
    ),
    "IAM-12": kept(
      "One act takes all access from somebody who leaves: sessions, refresh tokens, keys and jobs; directories can do it through SCIM 2.0.",
    ),
    "IAM-13": kept(
      "Support staff reach an organization's data only with its explicit and expiring permission, and the organization's log shows it.",
    ),
    "IAM-14": kept(
      "People are told about a new device or an unusual sign-in, and passwords that are known to be leaked are refused, both without asking anybody outside.",
    ),
    "IAM-15": kept("The session of a lost laptop can be ended from a phone within ten seconds."),
    "IAM-16": kept(
      "Operators have personal accounts with the least privilege, always behind a second factor.",
    ),
    "IAM-17": kept("An organization may close sign-in by password altogether."),
    "IAM-18": planned(
      "Revenue can be sent only with a secret token, and API keys can be exchanged for short-lived tokens.",
      "revenue alone is left; there are no events to send yet (ANA-1)",
    ),
  },
} as const satisfies Chapter;
