import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import {
  fetchConnectionPeople,
  unlinkPerson,
  type Connection,
  type ConnectionPerson,
} from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** Who came by an identity provider, as whom there, and the way to let another account take somebody's place. */
export default function ConnectionPeopleDialog({ connection, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const [chosen, setChosen] = useState<ConnectionPerson | null>(null);
  const people = useQuery({
    queryKey: [slug, "sso-connections", connection.id, "people"],
    queryFn: () => fetchConnectionPeople(slug, connection.id),
  });
  if (chosen !== null)
    return <UnlinkDialog connection={connection} person={chosen} onClose={() => setChosen(null)} />;
  return (
    <Dialog title={`People by ${connection.name}`} onClose={onClose} size={620}>
      <Loaded query={people} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="rf-dim">Nobody has come by it yet.</p>
          ) : (
            <ul className="rf-card">
              {items.map((person) => (
                <PersonRow key={person.memberId} person={person} onUnlink={() => setChosen(person)} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Dialog>
  );
}

function PersonRow({
  person,
  onUnlink,
}: {
  readonly person: ConnectionPerson;
  readonly onUnlink: () => void;
}): ReactNode {
  const { may } = useHere();
  const { name, email, asserted, subject, provisioned, signedInAt } = person;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 240 }}>
        <p style={{ fontWeight: 600 }}>{name}</p>
        <p className="rf-dim rf-small">
          {email}
          {asserted !== null && asserted !== email && `, there ${asserted}`}
        </p>
        <p className="rf-dim rf-small" style={{ overflowWrap: "anywhere" }}>
          Known there as <span className="rf-mono">{subject}</span>
        </p>
        <p className="rf-dim rf-small">
          {provisioned ? "Added by it" : "A member before"}, last sign-in <Moment at={signedInAt} />
        </p>
      </div>
      {may("security.change") && (
        <Button variant="default" size="compact-sm" aria-label={`Unlink ${name}`} onClick={onUnlink}>
          Unlink
        </Button>
      )}
    </li>
  );
}

function UnlinkDialog({
  connection,
  person,
  onClose,
}: Props & { readonly person: ConnectionPerson }): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const unlinking = useMutation({
    mutationFn: () => unlinkPerson(slug, connection.id, person.memberId),
    onSuccess: async () => {
      notify({ title: `Unlinked ${person.name}`, tone: "good" });
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Unlink ${person.name}?`}
      act="Unlink"
      keep="Leave it"
      error={unlinking.error}
      pending={unlinking.isPending}
      onConfirm={() => unlinking.mutate()}
      onClose={onClose}
    >
      <p>
        Their sessions by {connection.name} end at once. The next account there with the address{" "}
        {person.email} becomes theirs here: make sure first that it is the same person. They stay a member.
      </p>
    </ConfirmDialog>
  );
}
