import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { renewBackupCodes, type OwnSecurity } from "../../api/own-security.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Status } from "../../parts/status.tsx";

/** Codes for the day on which the phone is gone; only there when there is a second factor to stand in for. */
export function BackupCodes({ security }: { readonly security: OwnSecurity }): ReactNode {
  const { formats } = useHere();
  const queryClient = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [asking, setAsking] = useState(false);
  const renewing = useMutation({
    mutationFn: renewBackupCodes,
    onSuccess: async (answer) => {
      setAsking(false);
      setCodes(answer.codes);
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
  });
  const left = security.backupCodesLeft;
  if (security.factors.length === 0) return null;
  return (
    <Section title="Backup codes">
      <div className="rf-card rf-card__row">
        <div className="rf-grow" style={{ flexBasis: 220 }}>
          <p>
            <Status tone={left <= 3 ? "warn" : "good"}>
              {left === 0 ? "None left" : `${formats.number(left)} left`}
            </Status>
          </p>
          <p className="rf-dim rf-small">
            Each is good once, for the day on which your phone is gone. Keep them away from your password.
          </p>
        </div>
        <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
          Make new codes
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title="Make new backup codes?"
          act="Make new codes"
          keep="Keep the old ones"
          error={renewing.error}
          pending={renewing.isPending}
          onConfirm={() => renewing.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>The codes that you have now stop working.</p>
        </ConfirmDialog>
      )}
      {codes.length > 0 && <ShownOnce {...backupCodesShown(codes)} onClose={() => setCodes([])} />}
    </Section>
  );
}

/** How a set of new backup codes is shown. */
export function backupCodesShown(codes: readonly string[]) {
  return {
    title: "Keep these backup codes",
    lead: "Each signs you in once when your second factor is gone. This is the only time they are shown; codes from before are void.",
    what: "the codes",
    lines: codes,
    fileName: "ringfence-backup-codes.txt",
  };
}
