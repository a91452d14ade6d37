export { dateOrderOf, type Choice, type ImportDefaults, type Normalised } from "./import-defaults.ts";
export { accountNormaliser } from "./normalise-account.ts";
export { contactNormaliser } from "./normalise-contact.ts";
export { type ReadAddress } from "./read-email.ts";
export { decimalSign, readNumber } from "./read-number.ts";
export { suggestMapping, type MappingTarget } from "./suggest-mapping.ts";
