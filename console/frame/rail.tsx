import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useHere } from "./here.tsx";
import { OrganizationMenu } from "./organization-menu.tsx";
import { rooms, type Room } from "./rooms.ts";

interface Props {
  readonly narrow: boolean;
  readonly onNarrow?: () => void;
  readonly onGo?: () => void;
}

/** The rooms that this person may enter, and the organization they are in. */
export function Rail({ narrow, onNarrow, onGo }: Props): ReactNode {
  const { may } = useHere();
  const shown = rooms
    .map((group) => ({ ...group, rooms: group.rooms.filter((room) => may(room.needs)) }))
    .filter((group) => group.rooms.length > 0);
  return (
    <nav className="rf-rail" aria-label="Rooms">
      <OrganizationMenu inDialog={onNarrow === undefined} />
      <div>
        {shown.map((group) => (
          <div key={group.title}>
            <p className="rf-rail__title">{group.title}</p>
            <ul>
              {group.rooms.map((room) => (
                <RailLink key={room.to} room={room} narrow={narrow} onGo={onGo} />
              ))}
            </ul>
          </div>
        ))}
      </div>
      {onNarrow !== undefined && <NarrowButton narrow={narrow} onNarrow={onNarrow} />}
    </nav>
  );
}

function RailLink({
  room,
  narrow,
  onGo,
}: {
  readonly room: Room;
  readonly narrow: boolean;
  readonly onGo: (() => void) | undefined;
}): ReactNode {
  const { slug } = useHere();
  return (
    <li>
      <Link
        to={room.to}
        params={{ organization: slug }}
        className="rf-rail__link"
        title={narrow ? room.label : undefined}
        aria-label={room.label}
        onClick={() => onGo?.()}
        preload="intent"
      >
        <room.icon size={18} stroke={1.7} aria-hidden />
        <span className="rf-rail__label">{room.label}</span>
      </Link>
    </li>
  );
}

function NarrowButton({
  narrow,
  onNarrow,
}: {
  readonly narrow: boolean;
  readonly onNarrow: () => void;
}): ReactNode {
  const label = narrow ? "Widen the rail" : "Narrow the rail";
  return (
    <div className="rf-rail__foot">
      <button type="button" className="rf-org" onClick={onNarrow} aria-label={label} title={label}>
        {narrow ? (
          <IconLayoutSidebarLeftExpand size={18} stroke={1.7} style={{ margin: 3 }} />
        ) : (
          <IconLayoutSidebarLeftCollapse size={18} stroke={1.7} style={{ margin: 3 }} />
        )}
      </button>
    </div>
  );
}
