import { Button } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { approveGrant, endGrant, fetchGrants, type SupportGrant } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Status, type Tone } from "../../parts/status.tsx";

const GrantDialog = lazy(() => import("./grant-dialog.tsx"));

/** The platform's staff in this organization: only by a grant of its own, for a reason and a while. */
export function SupportPage(): ReactNode {
  const { slug, may } = useHere();
  const [giving, setGiving] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "support-grants"],
    queryFn: () => fetchGrants(slug),
    staleTime: 0,
  });
  const give = may("support.grant") ? (
    <Button onClick={() => setGiving(true)}>Let somebody in</Button>
  ) : undefined;
  const empty = data?.items.length === 0;
  return (
    <Page title="Support access" acts={empty ? undefined : give}>
      <Column lead="The platform’s staff come in when you let them, or two of them together in an emergency unless you refuse that. Whatever they ask to see stands in your own audit log, and so does a look at your outbox by whoever runs the servers.">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={4} />}
        {empty && (
          <EmptyState icon={<IconLifebuoy size={22} />} title="Nobody was ever let in" acts={give}>
            When you need help, name who may come in and for how many hours. They can read, never change,
            export or see who gets in, and you can end it at any moment.
          </EmptyState>
        )}
        {data !== undefined && !empty && (
          <ul className="rf-card">
            {data.items.map((grant) => (
              <GrantRow key={grant.id} grant={grant} />
            ))}
          </ul>
        )}
      </Column>
      <Suspense fallback={null}>{giving && <GrantDialog onClose={() => setGiving(false)} />}</Suspense>
    </Page>
  );
}

const tones: Readonly<Record<string, { readonly tone: Tone; readonly word: string }>> = {
  asked: { tone: "warn", word: "Asks for access" },
  live: { tone: "accent", word: "Has access" },
};

function GrantRow({ grant }: { readonly grant: SupportGrant }): ReactNode {
  const { may } = useHere();
  const open = grant.state === "asked" || grant.state === "live";
  const { tone, word } = tones[grant.state] ?? { tone: "neutral", word: "Over" };
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 260 }}>
        <p style={{ fontWeight: 600 }}>
          {grant.operatorName ?? grant.operatorEmail} <Status tone={tone}>{word}</Status>
        </p>
        <p className="rf-small">
          {grant.reason} {grant.reference !== null && <span className="rf-dim">({grant.reference})</span>}
        </p>
        <p className="rf-dim rf-small">
          <Times grant={grant} />
        </p>
      </div>
      {open && may("support.grant") && <GrantActs grant={grant} />}
    </li>
  );
}

function Times({
  grant: { askedAt, hours, givenAt, givenBy, until, firstUsedAt, endedAt },
}: {
  readonly grant: SupportGrant;
}): ReactNode {
  const { formats } = useHere();
  return (
    <>
      {givenAt === null ? (
        <>
          {askedAt !== null && (
            <>
              Asked <Moment at={askedAt} />,{" "}
            </>
          )}
          for {formats.counted(hours, "hour")}
        </>
      ) : (
        <>
          Given <Moment at={givenAt} /> by {givenBy}
          {firstUsedAt === null ? ", never used" : ", used"}
        </>
      )}
      {until !== null && endedAt === null && (
        <>
          , until <Moment at={until} />
        </>
      )}
      {endedAt !== null && (
        <>
          , ended <Moment at={endedAt} />
        </>
      )}
    </>
  );
}

function GrantActs({ grant }: { readonly grant: SupportGrant }): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const again = (): Promise<void> => queryClient.invalidateQueries({ queryKey: [slug, "support-grants"] });
  const approving = useMutation({
    mutationFn: () => approveGrant(slug, grant.id),
    onSuccess: again,
    onError: (error) => notifyProblem(error, "It was not given"),
  });
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
        <Button size="compact-sm" loading={approving.isPending} onClick={() => approving.mutate()}>
          Let them in
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
    </span>
  );
}
