import "./progress-bar.css";
import type { ReactNode } from "react";

/** How far something is; without a share it only shows that something is going on. */
export function ProgressBar({
  label,
  share,
}: {
  readonly label: string;
  readonly share: number | null;
}): ReactNode {
  const percent = share === null ? null : Math.round(share * 100);
  return (
    <div
      className="rf-progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { "aria-valuenow": percent })}
    >
      <span data-unknown={percent === null} style={percent === null ? {} : { width: `${percent}%` }} />
    </div>
  );
}
