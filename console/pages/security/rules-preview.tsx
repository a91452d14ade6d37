import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { changePolicy, type Policy, type Preview, type Rules } from "../../api/security.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { Status } from "../../parts/status.tsx";

interface Props {
  readonly rules: Rules;
  readonly version: number;
  readonly preview: Preview;
  readonly onSaved: (policy: Policy) => void;
  readonly onClose: () => void;
}

/** Whom the rules would touch, by name, before they are saved; what would lock the person out cannot be. */
export default function RulesPreview({ rules, version, preview, onSaved, onClose }: Props): ReactNode {
  const { slug, formats } = useHere();
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: () => changePolicy(slug, rules, version),
    onSuccess: (saved) => {
      notify({ title: "Saved", detail: "It holds from everybody's next request.", tone: "good" });
      queryClient.setQueryData([slug, "security"], saved);
      onSaved(saved);
      onClose();
    },
  });
  const {
    withoutSecondFactor,
    withoutWay,
    outsideNetworks,
    keysOutsideNetworks,
    endingSessions,
    locksYouOut,
  } = preview;
  const nobody =
    withoutSecondFactor.count +
      withoutWay.count +
      outsideNetworks.count +
      keysOutsideNetworks.count +
      endingSessions.count ===
    0;
  return (
    <Dialog title="Who is affected" onClose={onClose} size={560}>
      <div className="rf-stack">
        <FormProblem error={saving.error} />
        {locksYouOut !== null && (
          <p role="alert">
            <Status tone="bad">This would lock you out: {locksYouOut}. Change it first.</Status>
          </p>
        )}
        {nobody && <p>Nobody who is a member now.</p>}
        <Touched
          count={withoutSecondFactor.count}
          title={`${formats.number(withoutSecondFactor.count)} without a second factor`}
          names={withoutSecondFactor.people.map(
            ({ name, outFrom }) => `${name}, locked out from ${formats.exact(outFrom)}`,
          )}
        />
        <Touched
          count={withoutWay.count}
          title={`${formats.number(withoutWay.count)} with no way left to sign in`}
          names={withoutWay.people.map(({ name }) => name)}
        />
        <Touched
          count={outsideNetworks.count}
          title={`${formats.number(outsideNetworks.count)} last seen outside of these networks`}
          names={outsideNetworks.people.map(({ name }) => name)}
        />
        <Touched
          count={keysOutsideNetworks.count}
          title={`${formats.counted(keysOutsideNetworks.count, "API key")} last used outside of these networks`}
          names={keysOutsideNetworks.keys.map(({ name, hint }) => name ?? hint ?? "a key")}
        />
        <Touched
          count={endingSessions.count}
          title={`${formats.counted(endingSessions.count, "session")} to be ended; sign in again`}
          names={endingSessions.people.map(({ name }) => name)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
          <Button disabled={locksYouOut !== null} loading={saving.isPending} onClick={() => saving.mutate()}>
            Save the rules
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

const shownMax = 8;

interface TouchedProps {
  readonly title: string;
  readonly count: number;
  readonly names: readonly string[];
}

function Touched({ title, count, names }: TouchedProps): ReactNode {
  const { formats } = useHere();
  if (names.length === 0) return null;
  const more = count - Math.min(names.length, shownMax);
  return (
    <section>
      <h3 className="rf-section__title">{title}</h3>
      <ul className="rf-small rf-dim">
        {names.slice(0, shownMax).map((name, at) => (
          <li key={`${at} ${name}`}>{name}</li>
        ))}
        {more > 0 && <li>and {formats.number(more)} more</li>}
      </ul>
    </section>
  );
}
