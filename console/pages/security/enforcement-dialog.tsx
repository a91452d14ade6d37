import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { enforceSso, type Enforcement } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly state: Enforcement;
  readonly onClose: () => void;
}

/** Makes single sign-on the only way in, or no longer, after saying who gets in then. */
export default function EnforcementDialog({ state, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const wanted = !state.enforced;
  const enforcing = useMutation({
    mutationFn: () => enforceSso(slug, wanted),
    onSuccess: async () => {
      notify({
        title: wanted ? "Single sign-on is required now" : "Other ways in are open again",
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug] });
    },
  });
  return (
    <ConfirmDialog
      title={wanted ? "Require single sign-on?" : "Allow other ways to sign in?"}
      act={wanted ? "Require it" : "Allow them"}
      keep="Leave it as it is"
      error={enforcing.error}
      pending={enforcing.isPending}
      onConfirm={() => enforcing.mutate()}
      onClose={onClose}
    >
      {wanted ? (
        <WhoGetsIn state={state} />
      ) : (
        <p>Members can sign in with their password, a passkey or a mailed link again.</p>
      )}
    </ConfirmDialog>
  );
}

function WhoGetsIn({ state: { breakGlass, keys } }: Pick<Props, "state">): ReactNode {
  const owners = breakGlass.map(({ name }) => name).join(", ");
  return (
    <>
      <p>
        Everybody else has to sign in by the identity provider from their next request on. Passwords, passkeys
        and mailed links open nothing here any more.
      </p>
      <dl className="rf-small">
        <dt className="rf-dim">Gets in without it</dt>
        <dd>{owners === "" ? "Nobody: choose an owner with a second factor first" : owners}</dd>
        {keys.length > 0 && (
          <>
            <dt className="rf-dim">API keys go on working</dt>
            <dd>{keys.map(({ name, owner }) => name ?? owner).join(", ")}</dd>
          </>
        )}
      </dl>
    </>
  );
}
