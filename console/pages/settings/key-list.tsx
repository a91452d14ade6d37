import { Button } from "@mantine/core";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { Key } from "../../api/keys.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { SealedChip } from "../../parts/sealed-chip.tsx";
import { Chip } from "../../parts/status.tsx";

const EndKeyDialog = lazy(() => import("./end-key-dialog.tsx"));
const RerollDialog = lazy(() => import("./reroll-dialog.tsx"));

interface Props {
  readonly keys: readonly Key[];
  /** Whether all are of one service account, which the page names already. */
  readonly ofOne?: boolean;
}

/** Keys: who made each, when it was used last, when it runs out; replaced and ended here. */
export function KeyList({ keys, ofOne = false }: Props): ReactNode {
  // Not in the row: a key that is replaced at once leaves the list, and its row would take the new one along unseen.
  const [replaced, setReplaced] = useState<Key | null>(null);
  const [ended, setEnded] = useState<Key | null>(null);
  return (
    <>
      <ul className="rf-card">
        {keys.map((key) => (
          <KeyRow key={key.id} item={key} ofOne={ofOne} onReplace={setReplaced} onEnd={setEnded} />
        ))}
      </ul>
      <Suspense fallback={null}>
        {replaced !== null && <RerollDialog item={replaced} onClose={() => setReplaced(null)} />}
        {ended !== null && <EndKeyDialog item={ended} onClose={() => setEnded(null)} />}
      </Suspense>
    </>
  );
}

interface RowProps {
  readonly item: Key;
  readonly ofOne: boolean;
  readonly onReplace: (key: Key) => void;
  readonly onEnd: (key: Key) => void;
}

function KeyRow({ item, ofOne, onReplace, onEnd }: RowProps): ReactNode {
  const { may } = useHere();
  const seen = item.lastSeenAt ?? null;
  // A service account's keys belong to whoever manages members.
  const mayReplace = may("key.create") && (item.class !== "service" || may("member.change"));
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 200 }}>
        <p style={{ fontWeight: 600 }}>{item.name}</p>
        <p className="rf-dim rf-small">
          Made <Moment at={item.createdAt} />
          <Maker item={item} ofOne={ofOne} /> ·{" "}
          {seen === null ? (
            "never used"
          ) : (
            <>
              used <Moment at={seen} />
            </>
          )}
        </p>
      </div>
      <SealedChip hint={item.hint === undefined || item.hint === null ? null : `…${item.hint}`} />
      <span className="rf-dim rf-small">
        {item.expiresAt === null ? (
          "Does not run out"
        ) : (
          <>
            Runs out <Moment at={item.expiresAt} />
          </>
        )}
      </span>
      {!ofOne && item.class !== undefined && item.class !== "personal" && <Chip>{item.class}</Chip>}
      {mayReplace && (item.replacedBy ?? null) === null && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`A new key for ${item.name}`}
          onClick={() => onReplace(item)}
        >
          Replace
        </Button>
      )}
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`End the key ${item.name}`}
        onClick={() => onEnd(item)}
      >
        End
      </Button>
    </li>
  );
}

/** Who made it, and for which service account if for one. */
function Maker({
  item: { madeBy, personName, class: kind },
  ofOne,
}: Pick<RowProps, "item" | "ofOne">): ReactNode {
  const maker = madeBy ?? personName ?? null;
  return (
    <>
      {maker !== null && ` by ${maker}`}
      {!ofOne && kind === "service" && personName !== maker && ` for ${personName}`}
    </>
  );
}
