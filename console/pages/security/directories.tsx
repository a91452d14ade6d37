import { Button } from "@mantine/core";
import { IconAddressBook, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchDirectories, type Directory, type OpenedDirectory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { DirectoryRow, type Chosen } from "./directory-row.tsx";

const DirectoryDialog = lazy(() => import("./directory-dialog.tsx"));
const RerollDirectoryDialog = lazy(() => import("./reroll-directory-dialog.tsx"));
const DirectoryFaultsDialog = lazy(() => import("./directory-faults-dialog.tsx"));
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
                  <DirectoryRow key={directory.id} directory={directory} onChoose={setChosen} />
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
          lead="The address, and the token, which is shown this one time."
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

interface ChosenProps {
  readonly chosen: Chosen | null;
  readonly directory: Directory | undefined;
  readonly onClose: () => void;
  readonly onOpened: (directory: OpenedDirectory) => void;
}

function ChosenDialog({ chosen, directory, onClose, onOpened }: ChosenProps): ReactNode {
  if (chosen === null || directory === undefined) return null;
  if (chosen.wish === "end") return <EndDirectoryDialog directory={directory} onClose={onClose} />;
  if (chosen.wish === "faults") return <DirectoryFaultsDialog directory={directory} onClose={onClose} />;
  const Wanted = chosen.wish === "reroll" ? RerollDirectoryDialog : DirectoryDialog;
  return <Wanted directory={directory} onClose={onClose} onOpened={onOpened} />;
}
