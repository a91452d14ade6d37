import { Button, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { Dialog, DialogActs } from "./dialog.tsx";
import { FormProblem } from "./form-problem.tsx";

interface Props {
  readonly title: string;
  /** What has to be typed before it can be done: for what cannot be brought back, so that nobody ends the wrong thing by a slip. */
  readonly name?: string;
  readonly act: string;
  readonly keep?: string;
  readonly error: unknown;
  readonly pending: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** What happens then. */
  readonly children: ReactNode;
}

/** Says what happens before it does. */
export function ConfirmDialog(props: Props): ReactNode {
  const { title, name, act, keep = "Keep it", error, pending, onConfirm, onClose, children } = props;
  const [typed, setTyped] = useState("");
  const named = name === undefined || typed.trim() === name.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (named) onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={error} />
        {children}
        {name !== undefined && (
          <TextInput
            label={`Type ${name} to confirm`}
            data-autofocus
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <DialogActs>
          <Button variant="default" onClick={onClose} data-autofocus={name === undefined || undefined}>
            {keep}
          </Button>
          <Button type="submit" color="red" disabled={!named} loading={pending}>
            {act}
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
