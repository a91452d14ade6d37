import "./page.css";
import type { ReactNode } from "react";
import { useHere } from "../frame/here.tsx";
import { useTitle } from "./use-title.ts";

interface Props {
  readonly title: string;
  readonly count?: string | undefined;
  readonly acts?: ReactNode;
  readonly children: ReactNode;
}

/** A screen: its title row with at most one primary action, then the work. */
export function Page({ title, count, acts, children }: Props): ReactNode {
  useTitle(title, useHere().organization.name);
  return (
    <div className="rf-page">
      <div className="rf-head">
        <h1 className="rf-head__title">{title}</h1>
        {count !== undefined && <span className="rf-head__count">{count}</span>}
        {acts !== undefined && <div className="rf-head__acts">{acts}</div>}
      </div>
      {children}
    </div>
  );
}

/** The scrolling part of a screen that is read rather than worked in; a comfortable measure wide. */
export function Column({
  lead,
  children,
}: {
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="rf-body">
      <div className="rf-body__column">
        {lead !== undefined && <p className="rf-lead">{lead}</p>}
        {children}
      </div>
    </div>
  );
}

/** A titled part of a column; beside its title stands at most one way to somewhere else. */
export function Section({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className="rf-section">
      <div className="rf-section__head">
        <h2 className="rf-section__title">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
