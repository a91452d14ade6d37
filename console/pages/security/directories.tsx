import { Button } from "@mantine/core";
import { IconAddressBook, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchDirectories, rerollDirectory, type Directory, type OpenedDirectory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Status } from "../../parts/status.tsx";

const DirectoryDialog = lazy(() => import("./directory-dialog.tsx"));
const EndDirectoryDialog = lazy(() => import("./end-directory-dialog.tsx"));

/** Directories that add, change and end members by themselves (SCIM 2.0). */
export function Directories(): ReactNode {
  const { slug, may } = useHere();
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [opened, setOpened] = useState<OpenedDirectory | null>(null);
  const directories = useQuery({
    queryKey: [slug, "scim-connections"],
    queryFn: () => fetchDirectories(slug),
    select: ({ items }) => items.filter(({ state }) => state !== "ended"),
  });
  const add = may("security.change") && (
    <Button leftSection={<IconPlus size={16} />} variant="default" onClick={() => setAdding(true)}>
      Connect a directory
    </Button>
  );
  return (
    <Section title="Directories (SCIM)">
      <Loaded query={directories} lines={2}>
        {(live) =>
          live.length === 0 ? (
            <EmptyState icon={<IconAddressBook size={22} />} title="No directory connected" acts={add}>
              A directory such as Entra ID or Okta adds and removes members by itself. Whoever is removed
              there loses their sessions and keys here at once.
            </EmptyState>
          ) : (
            <>
              <ul className="rf-card" style={{ marginBottom: 12 }}>
                {live.map((directory) => (
                  <DirectoryRow
                    key={directory.id}
                    directory={directory}
                    onChoose={setChosen}
                    onRerolled={setOpened}
                  />
                ))}
              </ul>
              {add}
            </>
          )
        }
      </Loaded>
      <Suspense fallback={null}>
        {adding && <DirectoryDialog directory={null} onClose={() => setAdding(false)} onOpened={setOpened} />}
        <ChosenDialog
          chosen={chosen}
          directory={directories.data?.find(({ id }) => id === chosen?.id)}
          onClose={() => setChosen(null)}
          onOpened={setOpened}
        />
      </Suspense>
      {opened !== null && (
        <ShownOnce
          title="Enter these in the directory"
          lead="The address, and the token, which is shown this one time. A token that it had before is good for another hour."
          what="address and token"
          lines={[opened.scimUrl, opened.token]}
          labels={["Address", "Token"]}
          fileName="scim-token.txt"
          onClose={() => setOpened(null)}
        />
      )}
    </Section>
  );
}

/** What is to be done with which one; by its id, so that it is always the newest version that is changed. */
interface Chosen {
  readonly id: string;
  readonly wish: "change" | "end";
}

interface ChosenProps {
  readonly chosen: Chosen | null;
  readonly directory: Directory | undefined;
  readonly onClose: () => void;
  readonly onOpened: (directory: OpenedDirectory) => void;
}

function ChosenDialog({ chosen, directory, onClose, onOpened }: ChosenProps): ReactNode {
  if (chosen === null || directory === undefined) return null;
  return chosen.wish === "end" ? (
    <EndDirectoryDialog directory={directory} onClose={onClose} />
  ) : (
    <DirectoryDialog directory={directory} onClose={onClose} onOpened={onOpened} />
  );
}

interface RowProps {
  readonly directory: Directory;
  readonly onChoose: (chosen: Chosen) => void;
  readonly onRerolled: (directory: OpenedDirectory) => void;
}

function DirectoryRow({ directory, onChoose, onRerolled }: RowProps): ReactNode {
  const { slug, may, formats } = useHere();
  const queryClient = useQueryClient();
  const { id } = directory;
  const rerolling = useMutation({
    mutationFn: () => rerollDirectory(slug, directory.id),
    onSuccess: async (answer) => {
      onRerolled(answer);
      await queryClient.invalidateQueries({ queryKey: [slug, "scim-connections"] });
    },
    onError: (error) => notifyProblem(error, "There is no new token"),
  });
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{directory.name}</p>
        <p className="rf-dim rf-small">
          {formats.counted(directory.users, "person", "people")}, {formats.counted(directory.groups, "group")}
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
        <span className="rf-row rf-row--wrap">
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Change ${directory.name}`}
            onClick={() => onChoose({ id, wish: "change" })}
          >
            Change
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`A new token for ${directory.name}`}
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
            onClick={() => onChoose({ id, wish: "end" })}
          >
            End
          </Button>
        </span>
      )}
    </li>
  );
}
