export { hasNumberingPlan, readPhone, type PhoneReading } from "./read-phone.ts";
