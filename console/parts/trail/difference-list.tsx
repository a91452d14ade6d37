import "./trail.css";
import type { ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { fieldLabel, valueText, type Difference } from "./diff.ts";

interface Props {
  readonly differences: readonly Difference[];
  /** Says a value in better words than the trail has, such as a member's name for an id. */
  readonly say?: ((field: string, value: unknown) => string | undefined) | undefined;
}

/** Field by field: what it was, and what it became. */
export function DifferenceList({ differences, say }: Props): ReactNode {
  const { formats } = useHere();
  const text = (field: string, value: unknown): string => say?.(field, value) ?? valueText(value, formats);
  return (
    <dl className="rf-diff">
      {differences.map(({ field, before, after }) => (
        <div key={field} className="rf-diff__line">
          <dt>{fieldLabel(field)}</dt>
          <dd>
            {before !== null && (
              <>
                <del>{text(field, before)}</del>
                <span aria-hidden> → </span>
              </>
            )}
            <ins>{text(field, after)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
