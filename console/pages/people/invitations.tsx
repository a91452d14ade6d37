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
import { Chip } from "../../parts/status.tsx";

/** Invitations that wait for an answer; each can be taken back. */
export function Invitations(): ReactNode {
  const { slug, may } = useHere();
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
      {may("outbox.reveal") && (
        <p className="rf-dim rf-small" style={{ marginTop: 8 }}>
          No mail server set up? The link is in the{" "}
          <Link to="/o/$organization/outbox" params={{ organization: slug }}>
            outbox
          </Link>
          .
        </p>
      )}
    </Section>
  );
}

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
  const { expiresAt } = invitation;
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
    </li>
  );
}
