import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { rerollKey, type Key } from "../../api/keys.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { overlaps } from "./key-limits.ts";

/** A new key in place of one; both work for a while, so that no program stands still. */
export default function RerollDialog({
  item,
  onClose,
}: {
  readonly item: Key;
  readonly onClose: () => void;
}): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [overlap, setOverlap] = useState("3600");
  const making = useMutation({
    mutationFn: () => rerollKey(slug, item.id, Number(overlap)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "keys"] }),
  });
  if (making.data !== undefined) {
    return (
      <ShownOnce
        title="Copy the new key now"
        lead="This is the only time that it is shown. Put it into the program before the old one ends."
        what="the key"
        lines={[making.data.key]}
        fileName="new.key.txt"
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={`A new key for ${item.name}`} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={making.error} />
        <p>It may do what the old one may, from the same networks.</p>
        <NativeSelect
          label="The old one goes on for"
          data={[...overlaps]}
          value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button data-autofocus loading={making.isPending} onClick={() => making.mutate()}>
            Make the new key
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}
