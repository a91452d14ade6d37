import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchInvitations, withdrawInvitation, type Invitation } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Chip, Status, type Tone } from "../../parts/status.tsx";

/** Invitations that wait for an answer; each can be taken back. */
export function Invitations(): ReactNode {
  const { slug } = useHere();
  const invitations = useQuery({
    queryKey: [slug, "invitations"],
    queryFn: () => fetchInvitations(slug),
  });
  if (invitations.data?.items.length === 0) return null;
  return (
    <Section title="Invited">
      <Loaded query={invitations} lines={1}>
        {({ items }) => (
          <ul className="rf-card">
            {items.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} />
            ))}
          </ul>
        )}
      </Loaded>
      {invitations.data?.items.some(({ delivery }) => delivery === "held") === true && <HandOn />}
    </Section>
  );
}

/** Why letters wait, and who hands their links on. */
function HandOn(): ReactNode {
  const { slug, organization, may } = useHere();
  const outbox = (
    <Link to="/o/$organization/outbox" params={{ organization: slug }}>
      outbox
    </Link>
  );
  const reads = may("outbox.reveal");
  return (
    <p className="rf-dim rf-small" style={{ marginTop: 8 }}>
      {organization.demo ? "A demo mails nobody. " : "No mail leaves this installation. "}
      {reads && organization.demo && <>The {outbox} has what it wrote, and how its links are handed on.</>}
      {reads && !organization.demo && <>Copy the links from the {outbox} and hand them on.</>}
      {!reads && "Whoever sees the outbox knows how the links are handed on."}
    </p>
  );
}

const sending: Readonly<Record<NonNullable<Invitation["delivery"]>, readonly [Tone, string]>> = {
  waiting: ["accent", "being mailed"],
  sent: ["good", "mailed"],
  failed: ["bad", "not mailed"],
  held: ["neutral", "to hand on"],
};

function InvitationRow({ invitation }: { readonly invitation: Invitation }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => withdrawInvitation(slug, invitation.id),
    onSuccess: async () => {
      notify({ title: `Took back the invitation of ${invitation.email}`, tone: "good" });
      await queryClient.invalidateQueries({ queryKey: [slug, "invitations"] });
    },
    onError: (error) => notifyProblem(error, "The invitation could not be taken back"),
  });
  const { expiresAt, delivery, lastError } = invitation;
  return (
    <li className="rf-card__row">
      <span className="rf-grow" style={{ flexBasis: 200 }}>
        {invitation.email}
      </span>
      <span className="rf-row rf-row--wrap">
        {invitation.roles.map((role) => (
          <Chip key={role}>{role}</Chip>
        ))}
      </span>
      {delivery !== null && <Status tone={sending[delivery][0]}>{sending[delivery][1]}</Status>}
      {expiresAt !== undefined && expiresAt !== null && (
        <span className="rf-dim rf-small">
          Ends <Moment at={expiresAt} />
        </span>
      )}
      {may("member.invite") && (
        <Button
          variant="default"
          size="compact-sm"
          loading={withdraw.isPending}
          aria-label={`Take back the invitation of ${invitation.email}`}
          onClick={() => withdraw.mutate()}
        >
          Take back
        </Button>
      )}
      {lastError !== null && (
        <p className="rf-small" style={{ flexBasis: "100%" }}>
          Last attempt: {lastError}
        </p>
      )}
    </li>
  );
}
