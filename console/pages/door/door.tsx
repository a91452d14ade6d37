import "./door.css";
import type { ReactNode } from "react";
import ringUrl from "../../theme/ring.svg";
import { useTitle } from "../../parts/use-title.ts";

interface Props {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}

/** The screens outside of any organization: one card, one thing to do. */
export function Door({ title, lead, wide = false, children }: Props): ReactNode {
  useTitle(title);
  return (
    <div className="rf-door">
      <header className="rf-door__brand">
        <img src={ringUrl} alt="" width={26} height={26} />
        Ringfence
      </header>
      <main id="main" className="rf-door__main">
        <div className={`rf-door__card${wide ? " rf-door__card--wide" : ""}`}>
          <h1 className="rf-door__title">{title}</h1>
          {lead !== undefined && <p className="rf-door__lead">{lead}</p>}
          {children}
        </div>
      </main>
      <footer className="rf-door__foot">Locked down by default, and able to prove it.</footer>
    </div>
  );
}
