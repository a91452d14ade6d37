import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { fetchDirectoryFaults, type Directory } from "../../api/scim.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";

interface Props {
  readonly directory: Directory;
  readonly onClose: () => void;
}

/** Why somebody is missing: requests of a directory that were refused, and members that were left out. */
export default function DirectoryFaultsDialog({ directory: { id, name }, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const faults = useQuery({
    queryKey: [slug, "scim-connections", id, "faults"],
    queryFn: () => fetchDirectoryFaults(slug, id),
    staleTime: 0,
  });
  return (
    <Dialog title={`What went wrong with ${name}`} onClose={onClose} size={620}>
      <Loaded query={faults} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="rf-dim">Nothing has. The last hundred faults would stand here.</p>
          ) : (
            <ul className="rf-card">
              {items.map((fault) => (
                <li key={fault.id} className="rf-card__row">
                  <div className="rf-grow" style={{ flexBasis: 300 }}>
                    <p style={{ overflowWrap: "anywhere" }}>{fault.detail}</p>
                    <p className="rf-dim rf-small">
                      {fault.operation}, answered {fault.status}, <Moment at={fault.at} />
                    </p>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Dialog>
  );
}
