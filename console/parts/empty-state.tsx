import "./state.css";
import type { ReactNode } from "react";

interface Props {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
  readonly acts?: ReactNode;
  /** 1 where the state is all there is on the page. */
  readonly level?: 1 | 2;
}

/** A screen with nothing on it yet: what this is for, and the next step. */
export function EmptyState({ icon, title, children, acts, level = 2 }: Props): ReactNode {
  const Title = level === 1 ? "h1" : "h2";
  return (
    <div className="rf-state">
      <span className="rf-state__icon" aria-hidden>
        {icon}
      </span>
      <Title className="rf-state__title">{title}</Title>
      <p className="rf-state__body">{children}</p>
      {acts !== undefined && <div className="rf-state__acts">{acts}</div>}
    </div>
  );
}
