import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { leaveSupport, type OwnGrant } from "../../api/own-support.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { scopeWords } from "../../parts/scope-words.ts";
import { Status } from "../../parts/status.tsx";

/** Where one of the platform's staff may come in, or has asked to, and the way back. */
export function OwnGrantRow({ grant }: { readonly grant: OwnGrant }): ReactNode {
  const { me } = useHere();
  const live = grant.state === "live";
  const known = me.organizations.find(({ slug }) => slug === grant.organization);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 240 }}>
        <p style={{ fontWeight: 600 }}>
          {known?.name ?? grant.organization}{" "}
          <span style={{ fontWeight: 400 }}>
            <Status tone={live ? "accent" : "neutral"}>{stateOf(grant)}</Status>
          </span>
        </p>
        <p className="rf-small">
          {grant.reason} {grant.reference !== null && <span className="rf-dim">({grant.reference})</span>}
        </p>
        <p className="rf-small">
          {live ? "You may" : "Asked to"} {scopeWords(grant.permissions)}.
        </p>
        <Times grant={grant} />
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

function stateOf({ state, emergency }: OwnGrant): string {
  if (state === "live") return emergency ? "You may read, without their consent" : "You may come in";
  return emergency ? "Waits for another operator" : "Asked, not granted yet";
}

function Times({ grant: { until, askedAt, emergency } }: { readonly grant: OwnGrant }): ReactNode {
  if (until === null && askedAt === null) return null;
  return (
    <p className="rf-dim rf-small">
      {until !== null ? (
        <>
          Until <Moment at={until} exact />
        </>
      ) : (
        askedAt !== null && (
          <>
            Asked <Moment at={askedAt} />
            {emergency && "; it lapses half an hour after that"}
          </>
        )
      )}
    </p>
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
      aria-label={`${live ? "Give back" : "Take back"}: ${grant.organization}${grant.emergency ? ", emergency" : ""}`}
      onClick={() => leaving.mutate()}
    >
      {live ? "Give back" : "Take back"}
    </Button>
  );
}
