import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchOwnSupport, type OwnSupport as OwnSupportAnswer } from "../../api/own-support.ts";
import { Section } from "../../parts/page.tsx";
import { OwnEmergencies } from "./own-emergencies.tsx";
import { OwnGrantRow } from "./own-grant-row.tsx";

const AskDialog = lazy(() => import("./ask-support-dialog.tsx"));

/** For the platform's staff alone: where they may come in, and where they have asked to. Everybody else sees nothing. */
export function OwnSupport(): ReactNode {
  const { data } = useQuery({
    queryKey: ["own-support"],
    queryFn: fetchOwnSupport,
    // Others ask, confirm and end while the page is in sight.
    refetchInterval: ({ state }) => (state.data?.operator === true ? 20_000 : false),
  });
  if (data?.operator !== true) return null;
  return (
    <>
      <WithConsent support={data} />
      <OwnEmergencies support={data} />
    </>
  );
}

function WithConsent({ support }: { readonly support: OwnSupportAnswer }): ReactNode {
  const grants = support.grants.filter(({ emergency }) => !emergency);
  const [asking, setAsking] = useState(false);
  return (
    <Section title="Support access to organizations">
      <p className="rf-dim" style={{ marginBottom: 8 }}>
        You belong to the platform’s staff. An organization lets you in for a reason and for hours, to see
        what it lends you. Whatever you open or change stands in its audit log.
      </p>
      {grants.length > 0 && (
        <ul className="rf-card" style={{ marginBottom: 12 }}>
          {grants.map((grant) => (
            <OwnGrantRow key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
      <Button variant="default" onClick={() => setAsking(true)}>
        Ask an organization
      </Button>
      <Suspense fallback={null}>
        {asking && <AskDialog support={support} onClose={() => setAsking(false)} />}
      </Suspense>
    </Section>
  );
}
