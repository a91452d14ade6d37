import "./state.css";
import type { ReactNode } from "react";

/** Grey lines in the shape of what is coming, so that nothing jumps when it arrives. */
export function Bones({
  lines = 6,
  label = "Loading",
}: {
  readonly lines?: number;
  readonly label?: string;
}): ReactNode {
  return (
    <div className="rf-stack" style={{ padding: "20px 24px" }} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="rf-bone" style={{ width: `${88 - ((index * 17) % 45)}%` }} />
      ))}
    </div>
  );
}
