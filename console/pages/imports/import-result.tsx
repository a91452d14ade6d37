import { Button } from "@mantine/core";
import { IconArrowBackUp, IconDownload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { importErrorsPath, type Import } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import { Reasons } from "./reasons.tsx";
import type { StepProps } from "./import-step.ts";
import { Tally } from "./tally.tsx";

/** What an import did, what it refused and why, and the way back. */
export function ImportResult({ one, busy, onAct }: StepProps): ReactNode {
  const { slug, may } = useHere();
  const undoable = (one.state === "done" || one.state === "cancelled") && one.created + one.updated > 0;
  return (
    <>
      <p className="rf-lead">{sentenceOf(one)}</p>
      <Tally
        counts={[
          ["Added", one.created],
          ["Updated", one.updated],
          ["Left as is", one.skipped],
          ["Refused", one.failed],
        ]}
      />
      {one.report !== null && <Reasons report={one.report} />}
      <div className="rf-row rf-row--wrap">
        <Button renderRoot={(props) => <Link to={roomOf(one)} params={{ organization: slug }} {...props} />}>
          See the {one.resource === "account" ? "accounts" : "contacts"}
        </Button>
        {one.failed > 0 && (
          <Button
            component="a"
            href={importErrorsPath(slug, one.id)}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            Refused rows with reasons
          </Button>
        )}
        {undoable && may("import.undo") && (
          <Button
            variant="default"
            loading={busy}
            leftSection={<IconArrowBackUp size={16} />}
            onClick={() => onAct("undo")}
          >
            Undo the import
          </Button>
        )}
      </div>
    </>
  );
}

function sentenceOf(one: Import): string {
  switch (one.state) {
    case "done":
      return one.failed === 0
        ? "Every row was taken in."
        : "Done. Rows that were refused can be corrected and imported again.";
    case "cancelled":
      return "Cancelled. What was written before that stays until you undo it.";
    case "undone":
      return "Undone. What the import added is gone, and what it changed is as before, unless somebody changed it since.";
    default:
      return (
        one.report?.error ??
        "The import failed before it could finish. Nothing is half-written: each row is whole or not there."
      );
  }
}

function roomOf(one: Import): "/o/$organization/contacts" | "/o/$organization/accounts" {
  return one.resource === "account" ? "/o/$organization/accounts" : "/o/$organization/contacts";
}
