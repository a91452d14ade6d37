import { Button } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { importErrorsPath } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import type { StepProps } from "./import-step.ts";
import { ImportMapping } from "./import-mapping.tsx";
import { Reasons } from "./reasons.tsx";
import { Tally } from "./tally.tsx";

/** What would happen: nothing has been written yet, and the mapping can still be changed. */
export function DryRun({ one, busy, onAct }: StepProps): ReactNode {
  const { slug } = useHere();
  const [again, setAgain] = useState(false);
  if (again) return <ImportMapping one={one} />;
  const report = one.report ?? {};
  const refused = report.fail ?? one.failed;
  return (
    <>
      <p className="rf-lead">This is a dry run. Nothing has been written.</p>
      <Tally
        counts={[
          ["Would be added", report.create ?? one.created],
          ["Would be updated", report.update ?? one.updated],
          ["Would be left as is", report.skip ?? one.skipped],
          ["Would be refused", refused],
        ]}
      />
      <Reasons report={report} />
      {refused > 0 && (
        <p>
          <a href={importErrorsPath(slug, one.id)} download>
            Download the refused rows with their reasons
          </a>
        </p>
      )}
      <div className="rf-import__foot">
        <Button variant="default" onClick={() => setAgain(true)}>
          Change the mapping
        </Button>
        <Button loading={busy} onClick={() => onAct("start")}>
          Start the import
        </Button>
      </div>
    </>
  );
}
