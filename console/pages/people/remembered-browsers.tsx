import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { fetchRemembered, forgetDevice, type RememberedDevice } from "../../api/auth.ts";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";

/** Where the second factor is not asked for, and since when; nothing is shown to whoever has no such browser. */
export function RememberedBrowsers(): ReactNode {
  const { data, error, refetch } = useQuery({ queryKey: ["remembered-devices"], queryFn: fetchRemembered });
  if (error !== null) return <ProblemState error={error} retry={() => void refetch()} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title="Remembered browsers">
      <p className="rf-dim" style={{ marginBottom: 8 }}>
        They are not asked for your second factor, except before anything dangerous. Another password or
        factor ends them all, and so does ending all other sessions.
      </p>
      <ul className="rf-card">
        {data.items.map((browser) => (
          <BrowserRow key={browser.id} browser={browser} />
        ))}
      </ul>
    </Section>
  );
}

function BrowserRow({ browser }: { readonly browser: RememberedDevice }): ReactNode {
  const { device, createdAt, expiresAt, lastUsedAt, current } = browser;
  const forgetting = useForget(browser);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 180 }}>
        <p style={{ fontWeight: 600 }}>
          {device}
          {current && " (this one)"}
        </p>
        <p className="rf-dim rf-small">
          Remembered <Moment at={createdAt} /> · ends <Moment at={expiresAt} />
          {lastUsedAt !== null && (
            <>
              {" "}
              · used <Moment at={lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Forget ${device}`}
        loading={forgetting.isPending}
        onClick={() => forgetting.mutate()}
      >
        Forget
      </Button>
    </li>
  );
}

function useForget({ id, device }: RememberedDevice) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => forgetDevice(id),
    onSuccess: async () => {
      notify({
        title: "Forgotten",
        detail: `${device} is asked for your second factor again.`,
        tone: "good",
      });
      await queryClient.invalidateQueries({ queryKey: ["remembered-devices"] });
    },
    onError: (error) => notifyProblem(error, "The browser could not be forgotten"),
  });
}
