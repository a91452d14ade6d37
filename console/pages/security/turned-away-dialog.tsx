import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { fetchTurnedAway, type Connection, type TurnedAway } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";

/** What came to a connection and belongs to no sign-in that was begun here: a provider set up wrongly, or a stranger who tries. */
export default function TurnedAwayDialog({
  connection: { id, name },
  onClose,
}: {
  readonly connection: Connection;
  readonly onClose: () => void;
}): ReactNode {
  const { slug } = useHere();
  const list = useQuery({
    queryKey: [slug, "sso-connections", id, "refusals"],
    queryFn: () => fetchTurnedAway(slug, id),
  });
  return (
    <Dialog title={`Turned away at ${name}`} onClose={onClose} size={600}>
      <div className="rf-stack">
        <p className="rf-dim">
          Answers and sign-outs that fit no sign-in begun here. Anybody can send them, and nobody came in by
          one. Many from your provider&apos;s own addresses mean that it is set up wrongly.
        </p>
        <Loaded query={list} lines={4}>
          {({ items }) => (
            <ul className="rf-card">
              {items.map((one) => (
                <Row key={`${one.at} ${one.requestId}`} {...one} />
              ))}
            </ul>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

const doors: Readonly<Record<string, string>> = {
  "oidc-state": "Answer",
  "saml-request": "Answer",
  "saml-accept": "Question answered",
  "sso-begin": "Start of a sign-in",
  "oidc-logout": "Sign-out",
};

function Row({ at, door, reason, times, ip, requestId }: TurnedAway): ReactNode {
  const { formats } = useHere();
  return (
    <li className="rf-card__row">
      <div className="rf-grow">
        <p>
          {doors[door] ?? door}: {reason}
        </p>
        <p className="rf-dim rf-small">
          <Moment at={at} />
          {times > 1 && ` · ${formats.counted(times, "time")} within the hour`}
          {ip !== null && ` · ${ip}`}
        </p>
        {requestId !== null && <p className="rf-dim rf-small rf-mono">{requestId}</p>}
      </div>
    </li>
  );
}
