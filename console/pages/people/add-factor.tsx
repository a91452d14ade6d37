import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { addPasskey, fetchNewPasskeyWish } from "../../api/own-security.ts";
import { hasPasskeys, makePasskey } from "../../api/passkeys.ts";
import { isProblem } from "../../api/problem-error.ts";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { backupCodesShown } from "./backup-codes.tsx";
import { deviceName } from "./device-name.ts";

const AuthenticatorDialog = lazy(() => import("./authenticator-dialog.tsx"));

type Codes = readonly string[];

/** The two kinds of second factor to add; `onAdded` is called when one is there, and the backup codes that came with it were kept. */
export function AddFactor({ onAdded }: { readonly onAdded?: () => void }): ReactNode {
  const [adding, setAdding] = useState(false);
  const [codes, setCodes] = useState<Codes>([]);
  const added = (made: Codes | null | undefined): void => {
    setCodes(made ?? []);
    if (made === null || made === undefined) onAdded?.();
  };
  const passkey = useNewPasskey(added);
  return (
    <>
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
        <Button
          variant={hasPasskeys() ? "default" : "filled"}
          leftSection={<IconPlus size={16} />}
          onClick={() => setAdding(true)}
        >
          Add an authenticator app
        </Button>
      </div>
      {!hasPasskeys() && (
        <p className="rf-dim rf-small" style={{ marginTop: 8 }}>
          Passkeys belong to a name: open Ringfence at https://… or http://localhost to add one.
        </p>
      )}
      <Suspense fallback={null}>
        {adding && <AuthenticatorDialog onClose={() => setAdding(false)} onAdded={added} />}
      </Suspense>
      {codes.length > 0 && (
        <ShownOnce
          {...backupCodesShown(codes)}
          onClose={() => {
            setCodes([]);
            onAdded?.();
          }}
        />
      )}
    </>
  );
}

function useNewPasskey(onAdded: (codes: Codes | null | undefined) => void) {
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
      onAdded(answer?.backupCodes);
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
    onError: (error) => {
      // Closing the browser's own dialog is no error.
      if (!isProblem(error, "no-passkey")) notifyProblem(error, "The passkey was not added");
    },
  });
}
