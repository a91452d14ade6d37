import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { endDirectory, type Directory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly directory: Directory;
  readonly onClose: () => void;
}

/** Ends a directory for good; asks for its name, since its token is refused from then on. */
export default function EndDirectoryDialog({ directory: { id, name }, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const ending = useMutation({
    mutationFn: () => endDirectory(slug, id),
    onSuccess: async () => {
      notify({ title: `Ended ${name}`, detail: "Members stay as they are.", tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "scim-connections"] });
    },
  });
  return (
    <ConfirmDialog
      title={`End ${name}?`}
      name={name}
      act="End it"
      error={ending.error}
      pending={ending.isPending}
      onConfirm={() => ending.mutate()}
      onClose={onClose}
    >
      <p>
        Its token is refused at once, and it changes nothing here any more: whoever leaves has to be removed
        by hand. Members stay as they are.
      </p>
    </ConfirmDialog>
  );
}
