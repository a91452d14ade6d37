import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, lazy, Suspense, useState, type ReactNode } from "react";
import { endGrant, type SupportGrant } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { scopeWords } from "../../parts/scope-words.ts";
import { Status } from "../../parts/status.tsx";
import { endReason, grantState, isOpen, scopeBegins } from "./grant-words.ts";
import { grantsKey } from "./use-grants.ts";

const ApproveDialog = lazy(() => import("./approve-dialog.tsx"));

/** One visit of the platform's staff, asked for, under way or past: who, why, when, and what can be done about it. */
export function GrantRow({ grant }: { readonly grant: SupportGrant }): ReactNode {
  const { may } = useHere();
  const { operatorName, operatorEmail, reason, reference } = grant;
  const { tone, word } = grantState(grant);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 260 }}>
        <p style={{ fontWeight: 600 }}>
          {operatorName ?? operatorEmail} <Status tone={tone}>{word}</Status>
        </p>
        <p className="rf-small">
          {reason} {reference !== null && <span className="rf-dim">({reference})</span>}
        </p>
        <p className="rf-small">
          {scopeBegins(grant)} {scopeWords(grant.permissions)}.
        </p>
        <p className="rf-dim rf-small">
          {operatorName !== null && `${operatorEmail} · `}
          <Times grant={grant} />
          {may("audit.read") && <TrailLinks grant={grant} />}
        </p>
      </div>
      {isOpen(grant) && may("support.grant") && <GrantActs grant={grant} />}
    </li>
  );
}

function TrailLinks({ grant }: { readonly grant: SupportGrant }): ReactNode {
  const { slug } = useHere();
  const { id, operatorEmail: who, givenAt } = grant;
  const to = { to: "/o/$organization/audit", params: { organization: slug } } as const;
  return (
    <>
      {" · "}
      <Link {...to} search={{ resourceId: id }} aria-label={`Audit log of the access of ${who}`}>
        Audit log
      </Link>
      {givenAt !== null && (
        <>
          {" · "}
          <Link
            {...to}
            // The name under which the trail has what was done and looked at by this grant, and by no other.
            search={{ actor: `${who} (support ${id})` }}
            aria-label={`What ${who} did`}
          >
            What they did
          </Link>
        </>
      )}
    </>
  );
}

function Times({ grant }: { readonly grant: SupportGrant }): ReactNode {
  const { formats } = useHere();
  const { state, emergency, askedAt, hours, givenAt, givenBy, until, firstUsedAt, endedAt } = grant;
  const facts: readonly ReactNode[] = [
    askedAt !== null && (givenAt === null || emergency) && (
      <>
        Asked <Moment at={askedAt} />
      </>
    ),
    state === "asked" && `for ${formats.counted(hours, "hour")}`,
    givenAt !== null && (
      <>
        {emergency ? "Confirmed" : "Given"} <Moment at={givenAt} />
        {givenBy !== null && ` by ${givenBy}`}
      </>
    ),
    givenAt !== null && (firstUsedAt === null ? "never used" : firstUsed(firstUsedAt)),
    state === "live" && until !== null && (
      <>
        ends <Moment at={until} />
      </>
    ),
    state === "lapsed" && until !== null && (
      <>
        ended <Moment at={until} />
      </>
    ),
    state !== "lapsed" && endedAt !== null && <Ended grant={grant} at={endedAt} />,
  ];
  return facts
    .filter((fact) => fact !== false)
    .map((fact, at) => (
      // Nothing among these moves: their place is their name.
      <Fragment key={at}>
        {at > 0 && " · "}
        {fact}
      </Fragment>
    ));
}

function firstUsed(at: string): ReactNode {
  return (
    <>
      first used <Moment at={at} />
    </>
  );
}

function Ended({ grant, at }: { readonly grant: SupportGrant; readonly at: string }): ReactNode {
  const why = endReason(grant.endedWhy);
  return (
    <>
      {grant.state === "refused" ? "refused" : "ended"} <Moment at={at} />
      {grant.endedBy !== null && ` by ${grant.endedBy}`}
      {why !== "" && `: ${why}`}
    </>
  );
}

function GrantActs({ grant }: { readonly grant: SupportGrant }): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const again = (): Promise<void> => queryClient.invalidateQueries({ queryKey: grantsKey(slug) });
  const [approving, setApproving] = useState(false);
  const ending = useMutation({
    mutationFn: () => endGrant(slug, grant.id),
    onSuccess: async () => {
      notify({ title: "Support access ended", detail: "Nothing of it answers any more.", tone: "good" });
      await again();
    },
    onError: (error) => notifyProblem(error, "It could not be ended"),
  });
  const asked = grant.state === "asked";
  return (
    <span className="rf-row">
      {asked && (
        <Button
          size="compact-sm"
          variant={grant.emergency ? "default" : "filled"}
          onClick={() => setApproving(true)}
        >
          {grant.emergency ? "Give your consent" : "Let them in"}
        </Button>
      )}
      <Button
        variant="default"
        color="red"
        size="compact-sm"
        loading={ending.isPending}
        aria-label={`${asked ? "Refuse" : "End the access of"} ${grant.operatorEmail}`}
        onClick={() => ending.mutate()}
      >
        {asked ? "Refuse" : "End now"}
      </Button>
      <Suspense fallback={null}>
        {approving && <ApproveDialog grant={grant} onClose={() => setApproving(false)} />}
      </Suspense>
    </span>
  );
}
