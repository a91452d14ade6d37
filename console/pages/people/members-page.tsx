import { Button, TextInput } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchMembers, type Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page, Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Chip } from "../../parts/status.tsx";
import { Invitations } from "./invitations.tsx";

const InviteDialog = lazy(() => import("./invite-dialog.tsx"));
const MemberDialog = lazy(() => import("./member-dialog.tsx"));

/** Who belongs to the organization, and who has been asked to. */
export function MembersPage(): ReactNode {
  const { slug, may, formats } = useHere();
  const [inviting, setInviting] = useState(false);
  // As it was shown when it was chosen: a change is one of that version, whatever the list learns meanwhile.
  const [chosen, setChosen] = useState<Member | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "members"],
    queryFn: () => fetchMembers(slug),
    staleTime: 0,
  });
  // Programs have a room of their own, where it says who answers for them.
  const people = data?.items.filter(({ kind }) => kind !== "service");
  const [wanted, setWanted] = useState("");
  const invite = may("member.invite") ? (
    <Button leftSection={<IconUserPlus size={16} />} onClick={() => setInviting(true)}>
      Invite
    </Button>
  ) : undefined;
  return (
    <Page
      title="Members"
      count={people === undefined ? undefined : formats.number(people.length)}
      acts={invite}
    >
      <Column lead="Everybody here sees what their roles allow, in this organization only. A change holds from the person's next request.">
        <Section title="People">
          {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
          {people === undefined && error === null && <Bones lines={4} />}
          {people !== undefined && people.length > filteredFrom && (
            <TextInput
              mb="sm"
              maw={320}
              aria-label="Find a member"
              placeholder="Name, address or role"
              value={wanted}
              onChange={(event) => setWanted(event.currentTarget.value)}
            />
          )}
          {people !== undefined && (
            <ul className="rf-card">
              {people
                .filter((member) => isWanted(member, wanted))
                .map((member) => (
                  <MemberRow key={member.id} member={member} onChoose={setChosen} />
                ))}
            </ul>
          )}
        </Section>
        <Invitations />
      </Column>
      <Suspense fallback={null}>
        {inviting && <InviteDialog onClose={() => setInviting(false)} />}
        {chosen !== null && <MemberDialog key={chosen.id} member={chosen} onClose={() => setChosen(null)} />}
      </Suspense>
    </Page>
  );
}

/** From how many on nobody reads the whole list. */
const filteredFrom = 20;

function isWanted({ name, email, roles }: Member, wanted: string): boolean {
  const text = [name, email, ...roles].join(" ").toLowerCase();
  return text.includes(wanted.trim().toLowerCase());
}

function MemberRow({
  member,
  onChoose,
}: {
  readonly member: Member;
  readonly onChoose: (member: Member) => void;
}): ReactNode {
  const { me, may } = useHere();
  const you = member.personId === me.person.id;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 200 }}>
        <p style={{ fontWeight: 600 }}>
          {member.name ?? member.email} {you && <span className="rf-dim">(you)</span>}
        </p>
        <p className="rf-dim rf-small">{member.email}</p>
      </div>
      <span className="rf-row rf-row--wrap">
        {member.roles.map((role) => (
          <Chip key={role}>{role}</Chip>
        ))}
      </span>
      <span className="rf-dim rf-small" style={{ minWidth: 130 }}>
        {member.lastSeenAt === null ? (
          "Not seen yet"
        ) : (
          <>
            Seen <Moment at={member.lastSeenAt} />
          </>
        )}
      </span>
      {may("member.change") && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`Change ${member.name ?? member.email}`}
          onClick={() => onChoose(member)}
        >
          Change
        </Button>
      )}
    </li>
  );
}
