import { Button } from "@mantine/core";
import { IconDeviceMobile, IconFingerprint } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { Factor, OwnSecurity } from "../../api/own-security.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Section } from "../../parts/page.tsx";
import { AddFactor } from "./add-factor.tsx";

const RemoveFactorDialog = lazy(() => import("./remove-factor-dialog.tsx"));

/** Passkeys and authenticator apps: what is asked beside, or in place of, the password. */
export function Factors({ security }: { readonly security: OwnSecurity }): ReactNode {
  const [removing, setRemoving] = useState<Factor | null>(null);
  return (
    <Section title="Second factors">
      {security.factors.length === 0 ? (
        <EmptyState icon={<IconFingerprint size={22} />} title="No second factor yet">
          A passkey is your finger, face or PIN on your own device. There is nothing to type, and nothing that
          a fake page could steal.
        </EmptyState>
      ) : (
        <ul className="rf-card">
          {security.factors.map((factor) => (
            <FactorRow key={factor.id} factor={factor} onRemove={() => setRemoving(factor)} />
          ))}
        </ul>
      )}
      <AddFactor />
      <Suspense fallback={null}>
        {removing !== null && (
          <RemoveFactorDialog
            factor={removing}
            last={security.factors.length === 1}
            onClose={() => setRemoving(null)}
          />
        )}
      </Suspense>
    </Section>
  );
}

function FactorRow({
  factor,
  onRemove,
}: {
  readonly factor: Factor;
  readonly onRemove: () => void;
}): ReactNode {
  const { kind, name, createdAt, lastUsedAt } = factor;
  return (
    <li className="rf-card__row">
      <span aria-hidden className="rf-dim">
        {kind === "passkey" ? <IconFingerprint size={20} /> : <IconDeviceMobile size={20} />}
      </span>
      <div className="rf-grow" style={{ flexBasis: 180 }}>
        <p style={{ fontWeight: 600 }}>{name}</p>
        <p className="rf-dim rf-small">
          {kind === "passkey" ? "Passkey" : "Authenticator app"} · added <Moment at={createdAt} />
          {lastUsedAt !== null && (
            <>
              {" "}
              · used <Moment at={lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <Button variant="default" size="compact-sm" aria-label={`Remove ${name}`} onClick={onRemove}>
        Remove
      </Button>
    </li>
  );
}
