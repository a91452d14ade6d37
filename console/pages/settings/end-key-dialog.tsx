import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { endKey, type Key } from "../../api/keys.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly item: Key;
  readonly onClose: () => void;
}

/** Ends a key, after saying that its program stops. Its name is not asked for: a key that leaked is ended in a hurry. */
export default function EndKeyDialog({ item: { id, name }, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const ending = useMutation({
    mutationFn: () => endKey(slug, id),
    onSuccess: async () => {
      notify({ title: `Ended ${name}`, detail: "It is refused from its next request.", tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "keys"] });
    },
  });
  return (
    <ConfirmDialog
      title={`End the key ${name}?`}
      act="End it"
      error={ending.error}
      pending={ending.isPending}
      onConfirm={() => ending.mutate()}
      onClose={onClose}
    >
      <p>The program that uses it is refused from its next request. The key cannot be brought back.</p>
    </ConfirmDialog>
  );
}
