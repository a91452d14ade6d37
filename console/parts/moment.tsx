import type { ReactNode } from "react";
import { useNow } from "../format/now.tsx";
import { useHere } from "../frame/here.tsx";

/** An instant: how long ago, with the exact time in the organization's zone on hover. */
export function Moment({ at, exact = false }: { readonly at: string; readonly exact?: boolean }): ReactNode {
  const { formats } = useHere();
  const now = useNow();
  const full = formats.exact(at);
  return (
    <time dateTime={at} title={full} lang={formats.region.locale} className="rf-num">
      {exact ? full : formats.relative(at, now)}
    </time>
  );
}
