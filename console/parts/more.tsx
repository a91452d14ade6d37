import "./more.css";
import { useState, type ReactNode } from "react";

interface Props {
  readonly label?: string;
  /** Whether something in it was refused: then it is open, since nobody looks for a fault behind a closed lid. */
  readonly faulty: boolean;
  readonly children: ReactNode;
}

/** What few ever need, behind a lid. */
export function More({ label = "More", faulty, children }: Props): ReactNode {
  const [open, setOpen] = useState(faulty);
  const [was, setWas] = useState(faulty);
  if (faulty !== was) {
    setWas(faulty);
    if (faulty) setOpen(true);
  }
  return (
    <details className="rf-more" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="rf-more__lid">{label}</summary>
      <div className="rf-stack">{children}</div>
    </details>
  );
}
