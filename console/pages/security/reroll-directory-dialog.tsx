import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { rerollDirectory, type Directory, type OpenedDirectory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { endOf, lifetimes, overlaps } from "../settings/key-limits.ts";

interface Props {
  readonly directory: Directory;
  readonly onClose: () => void;
  readonly onOpened: (directory: OpenedDirectory) => void;
}

/** A new token for a directory; the one before it goes on for a while, so that it need not be entered within the minute. */
export default function RerollDirectoryDialog({ directory, onClose, onOpened }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [overlap, setOverlap] = useState("3600");
  const [days, setDays] = useState("");
  const making = useMutation({
    mutationFn: () =>
      rerollDirectory(slug, directory.id, { overlapSeconds: Number(overlap), expiresAt: endOf(days) }),
    onSuccess: async (opened) => {
      onClose();
      onOpened(opened);
      await queryClient.invalidateQueries({ queryKey: [slug, "scim-connections"] });
    },
  });
  return (
    <Dialog title={`A new token for ${directory.name}`} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={making.error} />
        <NativeSelect
          label="The old one goes on for"
          description="Until the new one is entered in the directory. End it now if somebody knows it who should not."
          data={[...overlaps]}
          value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}
        />
        <NativeSelect
          label="The new one runs out after"
          data={[...lifetimes]}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button data-autofocus loading={making.isPending} onClick={() => making.mutate()}>
            Make the new token
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}
