import "./data-table.css";
import "../state.css";
import type { ReactNode } from "react";

/** Grey rows of the table's own shape while its first page is on the way. */
export function TableBones({ label }: { readonly label: string }): ReactNode {
  return (
    <div className="rf-grid" role="status" aria-label={label} style={{ overflow: "hidden" }}>
      {Array.from({ length: 18 }, (_, row) => (
        <div key={row} className="rf-grid__bones" aria-hidden>
          {Array.from({ length: 6 }, (_column, column) => (
            <span
              key={column}
              className="rf-bone"
              style={{ width: `${48 + ((row * 31 + column * 47) % 42)}%` }}
            />
          ))}
        </div>
      ))}
    </div>
  );
}
