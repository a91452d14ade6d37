import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { fetchMembers } from "../../api/members.ts";
import { asProblem } from "../../api/problem-error.ts";
import { saveServiceAccount, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { RolesChoice } from "../people/roles-choice.tsx";
import { useRoles } from "../people/use-roles.ts";

interface Props {
  /** Null for a new one. */
  readonly account: ServiceAccount | null;
  readonly onClose: () => void;
  readonly onSaved?: (account: ServiceAccount) => void;
}

/** A service account's name, roles, and who answers for it. */
export default function AccountDialog({ account, onClose, onSaved }: Props): ReactNode {
  const { organization } = useHere();
  const roles = useRoles();
  const people = usePeople();
  const [name, setName] = useState(account?.name ?? "");
  const [chosen, setChosen] = useState(account?.roles ?? ["member"]);
  const [answerable, setAnswerable] = useState(
    account === null ? (organization.memberId ?? "") : (account.answerableId ?? ""),
  );
  const saving = useSaving(account, (saved) => {
    onClose();
    onSaved?.(saved);
  });
  const faults = saving.error === null ? {} : faultsByField(asProblem(saving.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate({
      name: name.trim(),
      roles: chosen,
      ...(answerable === "" ? {} : { answerableId: answerable }),
    });
  };
  return (
    <Dialog title={account === null ? "New service account" : account.name} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={saving.error} />
        <TextInput
          label="Name"
          description="Which program it is, as it will stand in the audit log"
          required
          maxLength={100}
          data-autofocus
          value={name}
          error={faults["name"]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Who answers for it"
          description="It may never do more than this person; when they leave, its keys end"
          data={[...(answerable === "" ? [{ value: "", label: "Choose somebody" }] : []), ...people]}
          required
          value={answerable}
          error={faults["answerableId"]}
          onChange={(event) => setAnswerable(event.currentTarget.value)}
        />
        <RolesChoice roles={roles} value={chosen} onChange={setChosen} />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending} disabled={chosen.length === 0}>
            {account === null ? "Make it" : "Save"}
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

function useSaving(account: ServiceAccount | null, onSaved: (account: ServiceAccount) => void) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (wish: Parameters<typeof saveServiceAccount>[2]) => saveServiceAccount(slug, account, wish),
    onSuccess: async (saved) => {
      onSaved(saved);
      await queryClient.invalidateQueries({ queryKey: [slug, "service-accounts"] });
    },
  });
}

/** Whoever can answer: members who are people. */
function usePeople(): { value: string; label: string }[] {
  const { slug } = useHere();
  const { data } = useQuery({ queryKey: [slug, "members"], queryFn: () => fetchMembers(slug) });
  return (data?.items ?? [])
    .filter(({ kind, state }) => kind !== "service" && state === "active")
    .map(({ id, name, email }) => ({ value: id, label: name === null ? email : `${name} (${email})` }));
}
