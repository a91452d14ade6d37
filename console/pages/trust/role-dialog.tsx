import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { endRole, saveRole, type Permission, type Role } from "../../api/members.ts";
import { asProblem, isProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { useRoles } from "../people/use-roles.ts";
import { PermissionChoice } from "./permission-choice.tsx";

interface Props {
  /** Null for a new one. */
  readonly role: Role | null;
  readonly catalogue: readonly Permission[];
  readonly onClose: () => void;
}

/** A role of the organization's own: its name, and which permissions it gives; only those that the person holds. */
export default function RoleDialog({ role, catalogue, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const [label, setLabel] = useState(role?.label ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [permissions, setPermissions] = useState<string[]>([...(role?.permissions ?? [])]);
  const done = useDone(onClose);
  const saving = useMutation({
    mutationFn: () =>
      saveRole(slug, role, { label: label.trim(), description: description.trim(), permissions }),
    onSuccess: () => done("Saved", "It holds from the next request of everybody who has the role."),
  });
  const [ending, setEnding] = useState(false);
  if (ending && role !== null)
    return <EndRoleDialog role={role} onDone={done} onClose={() => setEnding(false)} />;
  const faults = saving.error === null ? {} : faultsByField(asProblem(saving.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Dialog
      title={role === null ? "New role" : `Change ${role.label ?? role.name}`}
      onClose={onClose}
      size={620}
    >
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={saving.error} />
        <TextInput
          label="Name"
          required
          data-autofocus
          value={label}
          error={isProblem(saving.error, "already-exists") ? "Another role has this name" : faults["label"]}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <TextInput
          label="What it is for"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <PermissionChoice
          label="It may"
          offered={catalogue.filter(({ composable }) => composable !== false)}
          value={permissions}
          onChange={setPermissions}
        />
        <DialogActs>
          {role !== null && (
            <Button variant="subtle" color="red" mr="auto" onClick={() => setEnding(true)}>
              End this role
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={permissions.length === 0} loading={saving.isPending}>
            Save
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

interface EndProps {
  readonly role: Role;
  readonly onDone: (title: string, detail: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Ends a role for good; asks for its name, and for what whoever has it gets in its place. */
function EndRoleDialog({ role, onDone, onClose }: EndProps): ReactNode {
  const { slug } = useHere();
  const others = useRoles().filter(({ name }) => name !== role.name && name !== "owner");
  const [replacement, setReplacement] = useState("viewer");
  const label = role.label ?? role.name;
  const ending = useMutation({
    mutationFn: () => endRole(slug, role.id ?? "", replacement),
    onSuccess: () => onDone(`Ended ${label}`, `Whoever had it is ${replacement} now.`),
  });
  return (
    <ConfirmDialog
      title={`End the role ${label}?`}
      name={label}
      act="End it"
      error={ending.error}
      pending={ending.isPending}
      onConfirm={() => ending.mutate()}
      onClose={onClose}
    >
      <NativeSelect
        label="Whoever has it gets this in its place"
        data={others.map((other) => ({ value: other.name, label: other.label ?? other.name }))}
        value={replacement}
        onChange={(event) => setReplacement(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}

function useDone(onClose: () => void): (title: string, detail: string) => Promise<void> {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return async (title, detail) => {
    notify({ title, detail, tone: "good" });
    onClose();
    await queryClient.invalidateQueries({ queryKey: [slug, "roles"] });
    await queryClient.invalidateQueries({ queryKey: ["me"] });
  };
}
