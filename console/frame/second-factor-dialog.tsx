import { useState, type ReactNode } from "react";
import { AddFactor } from "../pages/people/add-factor.tsx";
import { Bones } from "../parts/bones.tsx";
import { Dialog, DialogActs } from "../parts/dialog.tsx";
import { FormProblem } from "../parts/form-problem.tsx";
import { useHere } from "./here.tsx";
import ProofDialog from "./proof-dialog.tsx";
import { ProviderButtons } from "./provider-buttons.tsx";
import { useEntrance } from "./use-entrance.ts";

interface Props {
  readonly onSettled: (done: boolean) => void;
}

/** Gives this session a second factor, over whatever the person was doing: shows the one they have, or adds their first one. */
export default function SecondFactorDialog({ onSettled }: Props): ReactNode {
  const { slug, organization } = useHere();
  const { data, error } = useEntrance(slug);
  // What was known when it began: the first factor changes it while its backup codes are still to be kept.
  const [known, setKnown] = useState(data);
  if (known === undefined && data !== undefined) setKnown(data);
  if (known?.hasSecondFactor === true) return <ProofDialog factorsOnly onSettled={onSettled} />;
  const leave = (): void => onSettled(false);
  return (
    <Dialog title={`${organization.name} asks for a second factor`} onClose={leave} size={440}>
      <div className="rf-stack">
        {known === undefined && (error === null ? <Bones lines={3} /> : <FormProblem error={error} />)}
        {known?.byProvider === true && <AtTheProvider connections={known.connections} />}
        {known?.byProvider === false && (
          <>
            <p>
              Something of yours beside the password: who has stolen that alone stays outside. You get backup
              codes along with it, for the day on which it is lost.
            </p>
            <AddFactor onAdded={() => onSettled(true)} />
          </>
        )}
      </div>
    </Dialog>
  );
}

function AtTheProvider({
  connections,
}: Pick<NonNullable<ReturnType<typeof useEntrance>["data"]>, "connections">): ReactNode {
  const { organization } = useHere();
  return (
    <>
      <p>
        You signed in by your identity provider, which did not say that it asked you for one. Sign in there
        once more with a second factor. Nobody adds one here from a provider&apos;s session.
      </p>
      <p className="rf-dim">
        If you come back here: an administrator of {organization.name} can say of the provider that it asks
        everybody, under Who gets in.
      </p>
      <DialogActs>
        <ProviderButtons connections={connections} fresh />
      </DialogActs>
    </>
  );
}
