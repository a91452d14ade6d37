import type { ReactNode } from "react";
import { useNow } from "../format/now.tsx";
import { useHere } from "../frame/here.tsx";

/** An instant: how long ago, in the words of the sentence around it, with the exact time in the organization's zone on hover; beyond a month its day. */
export function Moment({ at, exact = false }: { readonly at: string; readonly exact?: boolean }): ReactNode {
  const { formats } = useHere();
  const now = useNow();
  const full = formats.exact(at);
  const ago = exact ? null : formats.ago(at, now);
  return (
    <time
      dateTime={at}
      title={full}
      // A date is written as in the organization's language, and is read out as such.
      lang={ago === null ? formats.region.locale : undefined}
      className="rf-num"
    >
      {ago ?? (exact ? full : formats.day(at))}
    </time>
  );
}
