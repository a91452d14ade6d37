import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { roleOrder } from "../../../contract/roles.ts";
import { createKey } from "../../api/keys.ts";
import { asProblem } from "../../api/problem-error.ts";
import { nowMs } from "../../format/clock.ts";
import { useHere } from "../../frame/here.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { useRoles } from "../people/use-roles.ts";
import { permissionsFor } from "./key-permissions.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";

const lifetimes = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is ended" },
] as const;

/** Makes a key, and shows it this one time. */
export default function KeyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { slug, organization } = useHere();
  const queryClient = useQueryClient();
  const roles = useRoles();
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const [days, setDays] = useState("90");
  const making = useMutation({
    mutationFn: () =>
      createKey(slug, {
        name: name.trim(),
        permissions: permissionsFor(role, roles, organization.permissions),
        expiresAt: endOf(days),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "keys"] }),
  });
  if (making.data !== undefined)
    return <ShownOnce name={name.trim()} secret={making.data.key} onClose={onClose} />;
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
          label="May do"
          data={[{ value: "", label: "Whatever I may" }, ...rolesBelow(organization.roles)]}
          value={role}
          error={faults["permissions"]}
          onChange={(event) => setRole(event.currentTarget.value)}
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

function ShownOnce({
  name,
  secret,
  onClose,
}: {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Dialog title="Copy the key now" onClose={onClose}>
      <div className="rf-stack">
        <p>This is the only time that {name} is shown. We keep a hash of it, which cannot be turned back.</p>
        <div
          className="rf-state__code"
          style={{ justifyContent: "space-between", padding: "8px 8px 8px 12px" }}
        >
          <span className="rf-mono" style={{ overflowWrap: "anywhere", color: "var(--rf-text)" }} data-secret>
            {secret}
          </span>
          <CopyButton text={secret} what="the key" />
        </div>
        <DialogActs>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => download(name, secret)}
          >
            Download
          </Button>
          <Button onClick={onClose}>I have kept it</Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

function download(name: string, secret: string): void {
  const url = URL.createObjectURL(new Blob([`${secret}\n`], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\w-]+/gu, "-")}.key.txt`;
  link.click();
  URL.revokeObjectURL(url);
}

function endOf(days: string): string | null {
  return days === "" ? null : new Date(nowMs() + Number(days) * 86_400_000).toISOString();
}

/** A key never holds more than its maker, so only roles below the highest of one's own are offered. */
function rolesBelow(mine: readonly string[]): { value: string; label: string }[] {
  const highest = Math.max(0, ...mine.map((role) => roleOrder.findIndex((known) => known === role)));
  return roleOrder.slice(0, highest).map((role) => ({ value: role, label: `What a ${role} may` }));
}
