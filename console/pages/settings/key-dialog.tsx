import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { roleOrder } from "../../../contract/roles.ts";
import { createKey } from "../../api/keys.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { useRoles } from "../people/use-roles.ts";
import { endOf, lifetimes, networksIn } from "./key-limits.ts";
import { permissionsFor } from "./key-permissions.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { KeyShownOnce } from "./key-shown-once.tsx";

/** Makes a key, and shows it this one time. */
export default function KeyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { slug, organization } = useHere();
  const queryClient = useQueryClient();
  const roles = useRoles();
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const [days, setDays] = useState("90");
  const [keyClass, setKeyClass] = useState("personal");
  const [networks, setNetworks] = useState("");
  const making = useMutation({
    mutationFn: () =>
      createKey(slug, {
        name: name.trim(),
        class: keyClass,
        permissions: keyClass === "personal" ? permissionsFor(role, roles, organization.permissions) : null,
        networks: networksIn(networks),
        expiresAt: endOf(days),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "keys"] }),
  });
  if (making.data !== undefined)
    return <KeyShownOnce name={name.trim()} value={making.data.key} onClose={onClose} />;
  const faults = making.error === null ? {} : faultsByField(asProblem(making.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Dialog title="New API key" onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={making.error} />
        <TextInput
          label="Name"
          description="Which program will use it"
          required
          data-autofocus
          value={name}
          error={faults["name"]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Kind"
          data={[
            { value: "personal", label: "Acts as me" },
            { value: "secret", label: "Secret: sends and reads a little, never deletes" },
            { value: "publishable", label: "Publishable: only sends events, may stand in a page" },
          ]}
          value={keyClass}
          error={faults["class"]}
          onChange={(event) => setKeyClass(event.currentTarget.value)}
        />
        {keyClass === "personal" && (
          <NativeSelect
            label="May do"
            data={[{ value: "", label: "Whatever I may" }, ...rolesBelow(organization.roles)]}
            value={role}
            error={faults["permissions"]}
            onChange={(event) => setRole(event.currentTarget.value)}
          />
        )}
        <TextInput
          label="Only from these networks"
          description="Such as 203.0.113.0/24; empty for any"
          value={networks}
          error={faults["networks"]}
          onChange={(event) => setNetworks(event.currentTarget.value)}
        />
        <NativeSelect
          label="Runs out after"
          data={[...lifetimes]}
          value={days}
          error={faults["expiresAt"]}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={making.isPending}>
            Make the key
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

/** A key never holds more than its maker, so only roles below the highest of one's own are offered. */
function rolesBelow(mine: readonly string[]): { value: string; label: string }[] {
  const highest = Math.max(0, ...mine.map((role) => roleOrder.findIndex((known) => known === role)));
  return roleOrder.slice(0, highest).map((role) => ({ value: role, label: `What a ${role} may` }));
}
