import type { ReactNode } from "react";
import { Moment } from "../parts/moment.tsx";
import { scopeWords } from "../parts/scope-words.ts";
import { useHere } from "./here.tsx";

/** Says to one of the platform's staff whose house they are in, by whose leave, to do what and until when; always in sight. */
export function SupportBanner(): ReactNode {
  const { organization } = useHere();
  const support = organization.support;
  if (support === undefined || support === null) return null;
  return (
    <div className="rf-support" role="status">
      You are in {organization.name} as support
      {support.emergency === true && ", in an emergency and without their consent"}: {support.reason}. You may{" "}
      {scopeWords(organization.permissions)}. It ends <Moment at={support.until} />. Everything you open is
      written to their audit log.
    </div>
  );
}
