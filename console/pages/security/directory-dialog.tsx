import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import {
  changeDirectory,
  fetchDirectoryGroups,
  openDirectory,
  type Directory,
  type OpenedDirectory,
} from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { useRoles } from "../people/use-roles.ts";
import { endOf, lifetimes } from "../settings/key-limits.ts";
import { DomainsChoice } from "./domains-choice.tsx";
import { linesOf, readMapping, type MappedGroup } from "./role-mapping.ts";

interface Props {
  readonly directory: Directory | null;
  readonly onClose: () => void;
  readonly onOpened: (directory: OpenedDirectory) => void;
}

/** A directory's name, which of its groups gives which role, and whom it may add. */
export default function DirectoryDialog({ directory: shown, onClose, onOpened }: Props): ReactNode {
  // What the form began with: what somebody else saves meanwhile is a conflict, and not this form's to overwrite.
  const [directory] = useState(shown);
  const roles = useRoles().filter(({ name }) => name !== "owner");
  const [name, setName] = useState(directory?.name ?? "");
  const [role, setRole] = useState(directory?.defaultRole ?? "");
  const [mapping, setMapping] = useState(() => linesOf(groupsOf(directory)));
  const [wrongMapping, setWrongMapping] = useState<string>();
  const [domains, setDomains] = useState(directory?.domains ?? []);
  const [days, setDays] = useState("");
  const saving = useSaving({ directory, onClose, onOpened });
  const faults = saving.error === null ? {} : faultsByField(asProblem(saving.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { groups, fault } = readMapping(mapping, roles, 1);
    setWrongMapping(fault);
    if (fault !== undefined) return;
    const roleMapping = Object.fromEntries(groups.map((each) => [each.group, each.roles[0] ?? ""]));
    const wanted = { name: name.trim(), defaultRole: role === "" ? null : role, roleMapping, domains };
    saving.mutate({ wanted, expiresAt: endOf(days) });
  };
  return (
    <Dialog title={directory === null ? "Connect a directory" : `Change ${directory.name}`} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={saving.error} />
        <TextInput
          label="Name"
          required
          maxLength={100}
          data-autofocus
          value={name}
          error={faults["name"]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Role of somebody in no group below"
          data={[
            { value: "", label: "None: they do not get in" },
            ...roles.map((held) => ({ value: held.name, label: held.label ?? held.name })),
          ]}
          value={role}
          error={faults["defaultRole"]}
          onChange={(event) => setRole(event.currentTarget.value)}
        />
        <Textarea
          label="Groups that give a role"
          description="One a line: the group's name in the directory, an equals sign, the role. A directory makes nobody an owner."
          placeholder="Sales managers = manager"
          autosize
          minRows={3}
          maxRows={12}
          value={mapping}
          error={wrongMapping ?? faults["roleMapping"]}
          onChange={(event) => {
            setMapping(event.currentTarget.value);
            setWrongMapping(undefined);
          }}
        />
        {directory !== null && <PushedGroups directory={directory} />}
        <DomainsChoice
          label="Domains of the people that it may add"
          value={domains}
          error={faults["domains"]}
          onChange={setDomains}
        />
        {directory === null && (
          <NativeSelect
            label="Its token runs out after"
            data={[...lifetimes]}
            value={days}
            error={faults["expiresAt"]}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
        )}
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {directory === null ? "Connect it" : "Save"}
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

function groupsOf(directory: Directory | null): MappedGroup[] {
  return Object.entries(directory?.roleMapping ?? {}).map(([group, role]) => ({ group, roles: [role] }));
}

/** By their names here, so that nobody has to guess how the directory writes them. */
function PushedGroups({ directory: { id } }: { readonly directory: Directory }): ReactNode {
  const { slug } = useHere();
  const { data } = useQuery({
    queryKey: [slug, "scim-connections", id, "groups"],
    queryFn: () => fetchDirectoryGroups(slug, id),
  });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <p className="rf-dim rf-small">
      It has pushed: {data.items.map(({ displayName }) => displayName).join(", ")}
    </p>
  );
}

interface Saving {
  readonly wanted: Pick<Directory, "name" | "defaultRole" | "roleMapping" | "domains">;
  readonly expiresAt: string | null;
}

function useSaving({ directory, onClose, onOpened }: Props) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ wanted, expiresAt }: Saving) => {
      if (directory !== null) await changeDirectory(slug, directory, wanted);
      else onOpened(await openDirectory(slug, { ...wanted, expiresAt }));
    },
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "scim-connections"] });
    },
  });
}
