import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { renewBackupCodes, type OwnSecurity } from "../../api/own-security.ts";
import { useHere } from "../../frame/here.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Status } from "../../parts/status.tsx";

/** Codes for the day on which the phone is gone; only there when there is a second factor to stand in for. */
export function BackupCodes({ security }: { readonly security: OwnSecurity }): ReactNode {
  const { formats } = useHere();
  const queryClient = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const renewing = useMutation({
    mutationFn: renewBackupCodes,
    onSuccess: async (answer) => {
      setCodes(answer.codes);
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
    onError: (error) => notifyProblem(error, "There are no new codes"),
  });
  const left = security.backupCodesLeft;
  if (security.factors.length === 0) return null;
  return (
    <Section title="Backup codes">
      <div className="rf-card rf-card__row">
        <div className="rf-grow">
          <p>
            <Status tone={left <= 3 ? "warn" : "good"}>
              {left === 0 ? "None left" : `${formats.number(left)} left`}
            </Status>
          </p>
          <p className="rf-dim rf-small">
            Each is good once, for the day on which your phone is gone. Keep them away from your password.
          </p>
        </div>
        <Button
          variant="default"
          size="compact-sm"
          loading={renewing.isPending}
          onClick={() => renewing.mutate()}
        >
          Make new codes
        </Button>
      </div>
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
