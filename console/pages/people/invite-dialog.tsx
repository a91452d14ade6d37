import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { invite } from "../../api/members.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { RolesChoice } from "./roles-choice.tsx";
import { useRoles } from "./use-roles.ts";

/** Asks somebody to join, by mail. */
export default function InviteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { slug, organization } = useHere();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(["member"]);
  const roles = useRoles();
  const sending = useMutation({
    mutationFn: () => invite(slug, { email: email.trim(), roles: chosen }),
    onSuccess: async ({ delivery }) => {
      const held = organization.demo
        ? "Not mailed: this is a demo. The outbox says how its link is handed on."
        : "Not mailed: no relay is set. Its link is in the outbox.";
      const detail = delivery === "held" ? held : "The link in the mail is good once.";
      notify({ title: `Invited ${email.trim()}`, detail, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "invitations"] });
      await queryClient.invalidateQueries({ queryKey: [slug, "outbox"] });
    },
  });
  const faults = sending.error === null ? {} : faultsByField(asProblem(sending.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sending.mutate();
  };
  return (
    <Dialog title={`Invite to ${organization.name}`} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={sending.error} />
        <TextInput
          label="E-mail"
          type="email"
          required
          data-autofocus
          value={email}
          error={faults["email"]}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <RolesChoice roles={roles} value={chosen} onChange={setChosen} />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen.length === 0} loading={sending.isPending}>
            Send the invitation
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
