import { Button, Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { endConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** Ends an identity provider for good; asks for its name, since nobody gets it back. */
export default function EndConnectionDialog({ connection, onClose }: Props): ReactNode {
  const { slug, may, formats } = useHere();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState("");
  const [offBoard, setOffBoard] = useState(false);
  const ending = useMutation({
    mutationFn: () => endConnection(slug, connection.id, offBoard),
    onSuccess: async ({ offBoarded }) => {
      notify({
        title: `Ended ${connection.name}`,
        ...(offBoarded > 0 ? { detail: `${formats.number(offBoarded)} members left with it.` } : {}),
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
    },
  });
  return (
    <Dialog title={`End ${connection.name}?`} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={ending.error} />
        <p>Every session that it opened ends at once, and nobody comes in by it again.</p>
        {may("member.change") && (
          <Checkbox
            label="Remove the members that it added, too"
            description="With their keys and invitations; owners and those who come by another provider stay"
            checked={offBoard}
            onChange={(event) => setOffBoard(event.currentTarget.checked)}
          />
        )}
        <TextInput
          label={`Type ${connection.name} to confirm`}
          data-autofocus
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            disabled={typed !== connection.name}
            loading={ending.isPending}
            onClick={() => ending.mutate()}
          >
            End it
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}
