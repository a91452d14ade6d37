import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { changeEmail } from "../../api/own-security.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";

/** Another address: it holds when both mailboxes have said yes. */
export default function EmailDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { me } = useHere();
  const [email, setEmail] = useState("");
  const asking = useMutation({ mutationFn: () => changeEmail(email.trim()) });
  const faults = asking.error === null ? {} : faultsByField(asProblem(asking.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    asking.mutate();
  };
  if (asking.isSuccess) {
    return (
      <Dialog title="Two mails are on their way" onClose={onClose}>
        <div className="rf-stack">
          <p>
            One to {me.person.email}, one to {email.trim()}. The address changes when the links in both were
            used. Until then nothing changes.
          </p>
          <DialogActs>
            <Button onClick={onClose}>Understood</Button>
          </DialogActs>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Change the address" onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={asking.error} />
        <TextInput
          label="New e-mail address"
          description="You sign in with it in every organization that you belong to."
          type="email"
          autoComplete="email"
          required
          data-autofocus
          value={email}
          error={faults["email"]}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={asking.isPending}>
            Send the mails
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
