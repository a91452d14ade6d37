import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { nowMs } from "../../format/clock.ts";
import { ProgressBar } from "../../parts/progress-bar.tsx";
import type { StepProps } from "./import-step.ts";
import { progressOf, remainingText } from "./import-progress.ts";
import { Tally } from "./tally.tsx";

const doing: Readonly<Record<string, string>> = {
  uploading: "The file is arriving",
  checking: "Checking every row; nothing is being written",
  running: "Importing",
  undoing: "Undoing the import",
};

/** An import at work: how far, how fast, how long still. The page may be left; the work goes on. */
export function ImportRunning({ one, busy, onAct }: StepProps): ReactNode {
  const { formats } = useHere();
  const { share, rowsPerSecond, secondsLeft } = progressOf(one, nowMs());
  const what = doing[one.state] ?? "Working";
  return (
    <>
      <div className="rf-card rf-card--padded rf-stack rf-stack--tight" style={{ marginBottom: 16 }}>
        <p role="status">{what}. You may leave this page; the work goes on.</p>
        <ProgressBar label={what} share={share} />
        <div className="rf-row rf-row--wrap rf-dim rf-small rf-num">
          <span>
            {formats.number(one.rowsDone)}
            {one.rowsTotal !== null && ` of ${formats.number(one.rowsTotal)}`} rows
          </span>
          {rowsPerSecond !== null && <span>· {formats.number(Math.round(rowsPerSecond))} rows a second</span>}
          {secondsLeft !== null && <span>· {remainingText(secondsLeft)}</span>}
          {(one.state === "running" || one.state === "checking") && (
            <Button
              variant="default"
              size="compact-sm"
              ml="auto"
              loading={busy}
              onClick={() => onAct("cancel")}
            >
              Cancel
            </Button>
          )}
        </div>
      </div>
      {one.state === "running" && (
        <Tally
          counts={[
            ["Added", one.created],
            ["Updated", one.updated],
            ["Left as is", one.skipped],
            ["Refused", one.failed],
          ]}
        />
      )}
    </>
  );
}
