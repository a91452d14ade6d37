import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchOwnSupport, leaveSupport, type OwnGrant } from "../../api/own-support.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";

const AskDialog = lazy(() => import("./ask-support-dialog.tsx"));

/** For the platform's staff alone: where they may come in, and where they have asked to. Everybody else sees nothing. */
export function OwnSupport(): ReactNode {
  const [asking, setAsking] = useState(false);
  const { data } = useQuery({ queryKey: ["own-support"], queryFn: fetchOwnSupport });
  if (data?.operator !== true) return null;
  return (
    <Section title="Support access to organizations">
      <p className="rf-dim" style={{ marginBottom: 8 }}>
        You belong to the platform’s staff. An organization lets you in to read, for a reason and for hours,
        and sees every look that you take.
      </p>
      {data.grants.length > 0 && (
        <ul className="rf-card" style={{ marginBottom: 12 }}>
          {data.grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
      <Button variant="default" onClick={() => setAsking(true)}>
        Ask an organization
      </Button>
      <Suspense fallback={null}>{asking && <AskDialog onClose={() => setAsking(false)} />}</Suspense>
    </Section>
  );
}

function GrantRow({ grant }: { readonly grant: OwnGrant }): ReactNode {
  const { me } = useHere();
  const live = grant.state === "live";
  const known = me.organizations.find(({ slug }) => slug === grant.organization);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 240 }}>
        <p style={{ fontWeight: 600 }}>
          {known?.name ?? grant.organization}{" "}
          <span style={{ fontWeight: 400 }}>
            <Status tone={live ? "accent" : "neutral"}>
              {live ? "You may come in" : "Asked, not granted yet"}
            </Status>
          </span>
        </p>
        <p className="rf-small">
          {grant.reason} {grant.reference !== null && <span className="rf-dim">({grant.reference})</span>}
        </p>
        {grant.until !== null && (
          <p className="rf-dim rf-small">
            Until <Moment at={grant.until} exact />
          </p>
        )}
      </div>
      <span className="rf-row">
        {live && known !== undefined && (
          <Button
            size="compact-sm"
            renderRoot={(props) => (
              <Link to="/o/$organization" params={{ organization: known.slug }} {...props} />
            )}
          >
            Go there
          </Button>
        )}
        <LeaveButton grant={grant} />
      </span>
    </li>
  );
}

function LeaveButton({ grant }: { readonly grant: OwnGrant }): ReactNode {
  const queryClient = useQueryClient();
  const live = grant.state === "live";
  const leaving = useMutation({
    mutationFn: () => leaveSupport(grant.id),
    onSuccess: async () => {
      notify({ title: live ? "Given back" : "Taken back", tone: "good" });
      await queryClient.invalidateQueries({ queryKey: ["own-support"] });
      await queryClient.invalidateQueries({ queryKey: ["me"] });
    },
    onError: (error) => notifyProblem(error, "It could not be ended"),
  });
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={leaving.isPending}
      aria-label={`${live ? "Give back" : "Take back"}: ${grant.organization}`}
      onClick={() => leaving.mutate()}
    >
      {live ? "Give back" : "Take back"}
    </Button>
  );
}
