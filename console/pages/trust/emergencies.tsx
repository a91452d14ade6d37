import { Button } from "@mantine/core";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { SupportPolicy } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Section } from "../../parts/page.tsx";
import { ShowMore } from "../../parts/show-more.tsx";
import { Status, type Tone } from "../../parts/status.tsx";
import { GrantRow } from "./grant-row.tsx";
import { isOpen } from "./grant-words.ts";
import type { Grants } from "./use-grants.ts";
import { useSupportPolicy } from "./use-support-policy.ts";

const RefusalDialog = lazy(() => import("./refusal-dialog.tsx"));

interface Props {
  /** Those without the organization's consent. */
  readonly grants: Grants;
}

/** Who of the platform's staff is inside without the organization's consent, or asks for it; nothing where nobody does. */
export function EmergenciesUnderWay({ grants: { items = [] } }: Props): ReactNode {
  const open = items.filter(isOpen);
  if (open.length === 0) return null;
  return (
    <Section title="Under way, without your consent">
      <ul className="rf-card">
        {open.map((grant) => (
          <GrantRow key={grant.id} grant={grant} />
        ))}
      </ul>
    </Section>
  );
}

/** Whether the platform's staff could come in without the organization's consent, the word that forbids it, and who has ever been. */
export function Emergencies({ grants }: Props): ReactNode {
  const policy = useSupportPolicy();
  const open = grants.items?.filter(isOpen).length ?? 0;
  return (
    <Section title="In an emergency, without your consent">
      <Loaded query={policy} lines={2}>
        {(found) => (
          <div className="rf-card">
            <Refusal policy={found} open={open} />
          </div>
        )}
      </Loaded>
      <Past grants={grants} />
    </Section>
  );
}

interface RefusalProps {
  readonly policy: SupportPolicy;
  /** How many are under way. */
  readonly open: number;
}

function Refusal({ policy, open }: RefusalProps): ReactNode {
  const { may } = useHere();
  const [asking, setAsking] = useState(false);
  const { tone, word, hint } = wordsOf(policy);
  return (
    <div className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 260 }}>
        <Status tone={tone}>{word}</Status>
        <p className="rf-dim rf-small">{hint}</p>
      </div>
      {may("support.grant") && (
        <Button variant="default" onClick={() => setAsking(true)}>
          {policy.emergencyRefused ? "Take the refusal back" : "Refuse it"}
        </Button>
      )}
      <Suspense fallback={null}>
        {asking && (
          <RefusalDialog refused={policy.emergencyRefused} open={open} onClose={() => setAsking(false)} />
        )}
      </Suspense>
    </div>
  );
}

interface Words {
  readonly tone: Tone;
  readonly word: string;
  readonly hint: string;
}

function wordsOf({ emergencyRefused, emergencyPossible }: SupportPolicy): Words {
  if (emergencyRefused)
    return {
      tone: "good",
      word: "Refused",
      hint: "Nobody of the platform’s staff comes in without your consent, whatever happens. Nobody but you can take that back.",
    };
  if (emergencyPossible)
    return {
      tone: "warn",
      word: "Possible",
      hint: "Two of the platform’s staff together can let one of them in: to read, for an hour, with a reason and the number of a case. Owners get a letter when it is asked for, confirmed and first used, and can end it at any moment.",
    };
  return {
    tone: "neutral",
    word: "Not possible now",
    hint: "Whoever runs this installation has not allowed it, but could. Refuse it, and it stays impossible here whatever they allow.",
  };
}

function Past({ grants: { items, list } }: Props): ReactNode {
  if (items === undefined) return null;
  const past = items.filter((grant) => !isOpen(grant));
  if (items.length === 0)
    return (
      <p className="rf-dim rf-small" style={{ marginTop: 8 }}>
        It was never asked for.
      </p>
    );
  return (
    <>
      {past.length > 0 && (
        <ul className="rf-card" style={{ marginTop: 12 }} aria-label="Earlier emergencies">
          {past.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
      <ShowMore list={list}>Show older</ShowMore>
    </>
  );
}
