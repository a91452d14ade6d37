export { type LetterBody, letterOf, oneLine, packLetter, unpackLetter } from "./letter.ts";
export { isFinalMailFailure, reasonOfMailFailure } from "./mail-failure.ts";
export { faultsOfPlace, organizationOf, unknownPlace } from "./organization.ts";
export { keptPassword } from "./password-proof.ts";
export { personMailBody, personOutbox, sealedLetter, type SealedLetter } from "./person-mail.ts";
export type { IdentityOptions } from "./inputs.ts";
export { identityRoutes } from "./routes.ts";
export { startPersonMail } from "./send-person-mail.ts";
