export { hasNumberingPlan, readPhone, type PhoneCountry, type PhoneReading } from "./read-phone.ts";
