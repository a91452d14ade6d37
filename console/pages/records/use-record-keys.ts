import type { AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { rowStep } from "../../parts/table/row-step.ts";
import { useKeys } from "../../parts/use-keys.ts";
import type { ChangeSearch } from "./filter-menu-props.ts";
import type { RecordSpec } from "./record-spec.ts";
import type { RecordsSearch } from "./records-search.ts";
import { useArchive } from "./use-archive.ts";

interface Options {
  readonly spec: RecordSpec;
  readonly rows: readonly AnyRecord[];
  readonly active: string | null;
  readonly setActive: (id: string) => void;
  readonly toggle: (id: string) => void;
  readonly search: RecordsSearch;
  readonly onSearch: ChangeSearch;
}

/** The single keys of a list: j and k move, Enter opens, x selects, e edits, # archives, n begins a new one, f finds. */
export function useRecordKeys({ spec, rows, active, setActive, toggle, search, onSearch }: Options): void {
  const { may } = useHere();
  const { archive } = useArchive(spec);
  const at = rows.findIndex((row) => row.id === active);
  const row = rows[at];
  const step = (key: string) => (): void => {
    const next = rows[rowStep(key, at, rows.length) ?? -1];
    if (next === undefined) return;
    setActive(next.id);
    if (search.open !== undefined && search.edit !== true) onSearch({ open: next.id });
  };
  const withRow = (act: (record: AnyRecord) => void) => (): void => {
    if (row !== undefined) act(row);
  };
  useKeys({
    j: step("j"),
    k: step("k"),
    Enter: (event) => {
      const target = event.target;
      if (row !== undefined && target instanceof Element && target.closest("a, button, summary") === null) {
        onSearch({ open: row.id, fresh: undefined });
      }
    },
    x: withRow((record) => toggle(record.id)),
    e: withRow((record) => {
      if (may(`${spec.resource}.change`)) onSearch({ open: record.id, edit: true, fresh: undefined });
    }),
    "#": withRow((record) => {
      if (may(`${spec.resource}.archive`) && record.archivedAt === null) archive(record);
    }),
    n: () => {
      if (may(`${spec.resource}.create`)) onSearch({ fresh: true, open: undefined });
    },
    f: () => document.querySelector<HTMLInputElement>("input[data-filters]")?.focus(),
  });
}
