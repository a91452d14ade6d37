import "@mantine/core/styles/Radio.css";
import { Button, Radio, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { addConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";

interface Props {
  readonly onClose: () => void;
  readonly onMade: (connection: Connection) => void;
}

/** A new identity provider: a draft first, which lets nobody in. */
export default function NewConnectionDialog({ onClose, onMade }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [kind, setKind] = useState("oidc");
  const [name, setName] = useState("");
  const adding = useMutation({
    mutationFn: () => addConnection(slug, { kind: kind === "saml" ? "saml" : "oidc", name: name.trim() }),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
      onClose();
      onMade(made);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <Dialog title="Add an identity provider" onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={adding.error} />
        <TextInput
          label="Name"
          description="What people see on the sign-in page"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Radio.Group label="It speaks" value={kind} onChange={setKind}>
          <div className="rf-stack rf-stack--tight" style={{ marginTop: 6 }}>
            <Radio
              value="oidc"
              label="OpenID Connect"
              description="The simpler one; take it where there is a choice"
            />
            <Radio value="saml" label="SAML 2.0" />
          </div>
        </Radio.Group>
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={adding.isPending}>
            Go on
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
