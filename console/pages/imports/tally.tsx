import type { ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";

/** A few numbers side by side. */
export function Tally({ counts }: { readonly counts: readonly (readonly [string, number])[] }): ReactNode {
  const { formats } = useHere();
  return (
    <dl className="rf-tally">
      {counts.map(([label, count]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{formats.number(count)}</dd>
        </div>
      ))}
    </dl>
  );
}
