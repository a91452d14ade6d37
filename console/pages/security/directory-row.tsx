import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Directory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Status } from "../../parts/status.tsx";

/** What is to be done with which one; by its id, so that its dialog begins with the newest version. */
export interface Chosen {
  readonly id: string;
  readonly wish: "change" | "reroll" | "faults" | "end";
}

interface Props {
  readonly directory: Directory;
  readonly onChoose: (chosen: Chosen) => void;
}

/** A directory in the list: how it stands, and what can be done with it. */
export function DirectoryRow({ directory, onChoose }: Props): ReactNode {
  const { may, formats } = useHere();
  const { id, name } = directory;
  const end = directory.keys.map(({ expiresAt }) => expiresAt).findLast((at) => at !== null);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{name}</p>
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
        {directory.domains.length > 0 && (
          <p className="rf-dim rf-small">Adds people of {directory.domains.join(", ")} only</p>
        )}
        {end !== undefined && end !== null && (
          <p className="rf-dim rf-small">
            A token of it runs out <Moment at={end} />
          </p>
        )}
        {directory.outOfReach.length > 0 && (
          <p className="rf-small">
            <Status tone="warn">Cannot give {directory.outOfReach.join(", ")}</Status>
          </p>
        )}
      </div>
      <span className="rf-row rf-row--wrap">
        {may("security.change") && (
          <>
            <Act name={`Change ${name}`} onPress={() => onChoose({ id, wish: "change" })}>
              Change
            </Act>
            <Act name={`A new token for ${name}`} onPress={() => onChoose({ id, wish: "reroll" })}>
              New token
            </Act>
          </>
        )}
        <Act name={`What went wrong with ${name}`} quiet onPress={() => onChoose({ id, wish: "faults" })}>
          Faults
        </Act>
        {may("security.change") && (
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            aria-label={`End ${name}`}
            onClick={() => onChoose({ id, wish: "end" })}
          >
            End
          </Button>
        )}
      </span>
    </li>
  );
}

interface ActProps {
  /** With the directory's name, for those who do not see beside which one it stands. */
  readonly name: string;
  readonly quiet?: boolean;
  readonly onPress: () => void;
  readonly children: string;
}

function Act({ name, quiet = false, onPress, children }: ActProps): ReactNode {
  return (
    <Button variant={quiet ? "subtle" : "default"} size="compact-sm" aria-label={name} onClick={onPress}>
      {children}
    </Button>
  );
}
