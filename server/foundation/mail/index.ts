export type { Letter } from "./letter.ts";
export { createMailer, type Mailer, MailNotTaken } from "./mailer.ts";
