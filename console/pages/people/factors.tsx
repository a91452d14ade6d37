import { Button } from "@mantine/core";
import { IconDeviceMobile, IconFingerprint, IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { addPasskey, fetchNewPasskeyWish, type Factor, type OwnSecurity } from "../../api/own-security.ts";
import { hasPasskeys, makePasskey } from "../../api/passkeys.ts";
import { isProblem } from "../../api/problem-error.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { backupCodesShown } from "./backup-codes.tsx";
import { deviceName } from "./device-name.ts";

const AuthenticatorDialog = lazy(() => import("./authenticator-dialog.tsx"));
const RemoveFactorDialog = lazy(() => import("./remove-factor-dialog.tsx"));

/** Passkeys and authenticator apps: what is asked beside, or in place of, the password. */
export function Factors({ security }: { readonly security: OwnSecurity }): ReactNode {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Factor | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const passkey = useNewPasskey(setCodes);
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
      <div className="rf-row rf-row--wrap" style={{ marginTop: 12 }}>
        {hasPasskeys() && (
          <Button
            leftSection={<IconPlus size={16} />}
            loading={passkey.isPending}
            onClick={() => passkey.mutate()}
          >
            Add a passkey
          </Button>
        )}
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          Add an authenticator app
        </Button>
      </div>
      {!hasPasskeys() && (
        <p className="rf-dim rf-small" style={{ marginTop: 8 }}>
          Passkeys belong to a name: open Ringfence at https://… or http://localhost to add one.
        </p>
      )}
      <Suspense fallback={null}>
        {adding && <AuthenticatorDialog onClose={() => setAdding(false)} onCodes={setCodes} />}
        {removing !== null && (
          <RemoveFactorDialog
            factor={removing}
            last={security.factors.length === 1}
            onClose={() => setRemoving(null)}
          />
        )}
      </Suspense>
      {codes.length > 0 && <ShownOnce {...backupCodesShown(codes)} onClose={() => setCodes([])} />}
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

function useNewPasskey(onCodes: (codes: readonly string[]) => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const made = await makePasskey(await fetchNewPasskeyWish());
      return addPasskey(deviceName(navigator.userAgent), made);
    },
    onSuccess: async (answer) => {
      notify({
        title: "Passkey added",
        detail: "It signs you in from now on, without the password.",
        tone: "good",
      });
      if (answer?.backupCodes) onCodes(answer.backupCodes);
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
    onError: (error) => {
      // Closing the browser's own dialog is no error.
      if (!isProblem(error, "no-passkey")) notifyProblem(error, "The passkey was not added");
    },
  });
}
