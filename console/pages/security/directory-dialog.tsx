import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { changeDirectory, openDirectory, type Directory, type OpenedDirectory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { useRoles } from "../people/use-roles.ts";
import { linesOf, mappingFrom } from "./role-mapping.ts";

interface Props {
  readonly directory: Directory | null;
  readonly onClose: () => void;
  readonly onOpened: (directory: OpenedDirectory) => void;
}

/** A directory's name, and which of its groups gives which role. */
export default function DirectoryDialog({ directory, onClose, onOpened }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const roles = useRoles().filter(({ name }) => name !== "owner");
  const [name, setName] = useState(directory?.name ?? "");
  const [role, setRole] = useState(directory?.defaultRole ?? "");
  const [mapping, setMapping] = useState(linesOf(directory?.roleMapping ?? {}));
  const saving = useMutation({
    mutationFn: async () => {
      const wanted = {
        name: name.trim(),
        defaultRole: role === "" ? null : role,
        roleMapping: mappingFrom(mapping),
      };
      if (directory !== null) await changeDirectory(slug, directory, wanted);
      else onOpened(await openDirectory(slug, { ...wanted, domains: [] }));
    },
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "scim-connections"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Dialog title={directory === null ? "Connect a directory" : `Change ${directory.name}`} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={saving.error} />
        <TextInput
          label="Name"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Role of somebody in no group below"
          data={[{ value: "", label: "None: they do not get in" }, ...roles.map((held) => held.name)]}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
        />
        <Textarea
          label="Groups that give a role"
          description="One a line: the group's name in the directory, an equals sign, the role. A directory makes nobody an owner."
          placeholder="Sales managers = manager"
          autosize
          minRows={3}
          value={mapping}
          onChange={(event) => setMapping(event.currentTarget.value)}
        />
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
