import "./state.css";
import type { ReactNode } from "react";

interface Props {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
  readonly acts?: ReactNode;
}

/** A screen with nothing on it yet: what this is for, and the next step. */
export function EmptyState({ icon, title, children, acts }: Props): ReactNode {
  return (
    <div className="rf-state">
      <span className="rf-state__icon" aria-hidden>
        {icon}
      </span>
      <h2 className="rf-state__title">{title}</h2>
      <p className="rf-state__body">{children}</p>
      {acts !== undefined && <div className="rf-state__acts">{acts}</div>}
    </div>
  );
}
