import { Button } from "@mantine/core";
import { IconAddressBook, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import {
  endDirectory,
  fetchDirectories,
  rerollDirectory,
  type Directory,
  type OpenedDirectory,
} from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Status } from "../../parts/status.tsx";

const DirectoryDialog = lazy(() => import("./directory-dialog.tsx"));

/** Directories that add, change and end members by themselves (SCIM 2.0). */
export function Directories(): ReactNode {
  const { slug, may } = useHere();
  const [editing, setEditing] = useState<Directory | "new" | null>(null);
  const [opened, setOpened] = useState<OpenedDirectory | null>(null);
  const { data } = useQuery({ queryKey: [slug, "scim-connections"], queryFn: () => fetchDirectories(slug) });
  const live = (data?.items ?? []).filter(({ state }) => state !== "ended");
  const add = may("security.change") && (
    <Button leftSection={<IconPlus size={16} />} variant="default" onClick={() => setEditing("new")}>
      Connect a directory
    </Button>
  );
  return (
    <Section title="Directories (SCIM)">
      {data !== undefined && live.length === 0 ? (
        <EmptyState icon={<IconAddressBook size={22} />} title="No directory connected" acts={add}>
          A directory adds the people whom it should, and takes them out the moment they leave: sessions, keys
          and running work end in the same breath.
        </EmptyState>
      ) : (
        <>
          <ul className="rf-card" style={{ marginBottom: 12 }}>
            {live.map((directory) => (
              <DirectoryRow
                key={directory.id}
                directory={directory}
                onEdit={setEditing}
                onRerolled={setOpened}
              />
            ))}
          </ul>
          {add}
        </>
      )}
      <Suspense fallback={null}>
        {editing !== null && (
          <DirectoryDialog
            directory={editing === "new" ? null : editing}
            onClose={() => setEditing(null)}
            onOpened={setOpened}
          />
        )}
      </Suspense>
      {opened !== null && (
        <ShownOnce
          title="Enter these in the directory"
          lead="The address, and the token, which is shown this one time. We keep a hash of it."
          what="address and token"
          lines={[opened.scimUrl, opened.token]}
          fileName="scim-token.txt"
          onClose={() => setOpened(null)}
        />
      )}
    </Section>
  );
}

interface RowProps {
  readonly directory: Directory;
  readonly onEdit: (directory: Directory) => void;
  readonly onRerolled: (directory: OpenedDirectory) => void;
}

function DirectoryRow({ directory, onEdit, onRerolled }: RowProps): ReactNode {
  const { slug, may, formats } = useHere();
  const queryClient = useQueryClient();
  const again = (): Promise<void> => queryClient.invalidateQueries({ queryKey: [slug, "scim-connections"] });
  const rerolling = useMutation({
    mutationFn: () => rerollDirectory(slug, directory.id),
    onSuccess: async (answer) => {
      onRerolled(answer);
      await again();
    },
    onError: (error) => notifyProblem(error, "There is no new token"),
  });
  const ending = useMutation({
    mutationFn: () => endDirectory(slug, directory.id),
    onSuccess: async () => {
      notify({ title: `Ended ${directory.name}`, detail: "Members stay as they are.", tone: "good" });
      await again();
    },
    onError: (error) => notifyProblem(error, "It could not be ended"),
  });
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{directory.name}</p>
        <p className="rf-dim rf-small">
          {formats.number(directory.users)} people, {formats.number(directory.groups)} groups
          {directory.lastSyncAt !== null && (
            <>
              , last heard of <Moment at={directory.lastSyncAt} />
            </>
          )}
        </p>
        {directory.answerableName === null ? (
          <p className="rf-small">
            <Status tone="bad">Stands still: nobody is left who may answer for it</Status>
          </p>
        ) : (
          <p className="rf-dim rf-small">{directory.answerableName} answers for it</p>
        )}
        {directory.wantsNewToken && (
          <p className="rf-small">
            <Status tone="warn">
              Give it a new token: somebody knows this one who may manage directories no longer
            </Status>
          </p>
        )}
        {directory.outOfReach.length > 0 && (
          <p className="rf-small">
            <Status tone="warn">Cannot give {directory.outOfReach.join(", ")}</Status>
          </p>
        )}
      </div>
      {may("security.change") && (
        <span className="rf-row">
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Change ${directory.name}`}
            onClick={() => onEdit(directory)}
          >
            Change
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            loading={rerolling.isPending}
            onClick={() => rerolling.mutate()}
          >
            New token
          </Button>
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            aria-label={`End ${directory.name}`}
            loading={ending.isPending}
            onClick={() => ending.mutate()}
          >
            End
          </Button>
        </span>
      )}
    </li>
  );
}
