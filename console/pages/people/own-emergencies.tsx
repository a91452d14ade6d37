import { Button } from "@mantine/core";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { OwnGrant, OwnSupport, WaitingEmergency } from "../../api/own-support.ts";
import { Moment } from "../../parts/moment.tsx";
import { Section } from "../../parts/page.tsx";
import { OwnGrantRow } from "./own-grant-row.tsx";

const AskDialog = lazy(() => import("./ask-emergency-dialog.tsx"));
const ConfirmDialog = lazy(() => import("./confirm-emergency-dialog.tsx"));

/** For the platform's staff alone: coming in without an organization's consent, which takes two of them. */
export function OwnEmergencies({ support }: { readonly support: OwnSupport }): ReactNode {
  const own = support.grants.filter(({ emergency }) => emergency);
  return (
    <Section title="In an emergency, without consent">
      {support.emergencyAllowed ? (
        <Allowed own={own} waiting={support.emergencies} />
      ) : (
        <p className="rf-dim">
          This installation does not allow it. Whoever runs it can, with{" "}
          <code>ringfence emergency allow</code>; an organization may refuse it all the same.
        </p>
      )}
    </Section>
  );
}

interface Props {
  /** One's own, waiting or live. */
  readonly own: readonly OwnGrant[];
  /** Those of others, who wait for somebody to confirm. */
  readonly waiting: readonly WaitingEmergency[];
}

function Allowed({ own, waiting }: Props): ReactNode {
  const [asking, setAsking] = useState(false);
  // Kept here: somebody else may confirm it, and the row go, while the person reads.
  const [looking, setLooking] = useState<WaitingEmergency | null>(null);
  return (
    <>
      <p className="rf-dim" style={{ marginBottom: 8 }}>
        When waiting would do harm and nobody there can be reached: one of you asks, another confirms within
        half an hour, and the first may read for an hour. The owners are told each time.
      </p>
      {own.length + waiting.length > 0 && (
        <ul className="rf-card" style={{ marginBottom: 12 }}>
          {own.map((grant) => (
            <OwnGrantRow key={grant.id} grant={grant} />
          ))}
          {waiting.map((one) => (
            <WaitingRow key={one.id} waiting={one} onLook={() => setLooking(one)} />
          ))}
        </ul>
      )}
      {waiting.length === 0 && (
        <p className="rf-dim" style={{ marginBottom: 8 }}>
          Nobody waits for you to confirm.
        </p>
      )}
      <Button variant="default" onClick={() => setAsking(true)}>
        Ask in an emergency
      </Button>
      <Suspense fallback={null}>
        {asking && <AskDialog onClose={() => setAsking(false)} />}
        {looking !== null && <ConfirmDialog waiting={looking} onClose={() => setLooking(null)} />}
      </Suspense>
    </>
  );
}

interface RowProps {
  readonly waiting: WaitingEmergency;
  readonly onLook: () => void;
}

function WaitingRow({ waiting, onLook }: RowProps): ReactNode {
  const { organization, operator, reason, reference, askedAt } = waiting;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 240 }}>
        <p style={{ fontWeight: 600 }}>
          {operator} asks to read in {organization}
        </p>
        <p className="rf-small">
          {reason} <span className="rf-dim">({reference})</span>
        </p>
        <p className="rf-dim rf-small">
          Asked <Moment at={askedAt} />; it lapses half an hour after that
        </p>
      </div>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Look at the emergency of ${operator} in ${organization}`}
        onClick={onLook}
      >
        Look and confirm
      </Button>
    </li>
  );
}
