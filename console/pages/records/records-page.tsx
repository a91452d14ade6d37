import "./records.css";
import { ActionIcon, Button } from "@mantine/core";
import { IconDownload, IconPlus } from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useMemo, useState, type ReactNode } from "react";
import { recordsExportPath, type AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { Page } from "../../parts/page.tsx";
import { downloadProven } from "../../parts/download-proven.ts";
import { ProblemState } from "../../parts/problem-state.tsx";
import { ColumnMenu } from "../../parts/table/column-menu.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { TableBones } from "../../parts/table/table-bones.tsx";
import { useColumnChoice } from "../../parts/table/use-column-choice.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { CellConflictNotice } from "./cell-conflict.tsx";
import type { ChangeSearch } from "./filter-menu-props.ts";
import { Filters } from "./filters.tsx";
import { NoRecords } from "./no-records.tsx";
import type { RecordSpec } from "./record-spec.ts";
import { nameOf } from "./record-values.ts";
import { filterQuery, nextSort, type RecordsSearch } from "./records-search.ts";
import { useCellEdit } from "./use-cell-edit.tsx";
import { useRecordKeys } from "./use-record-keys.ts";
import { useRecords } from "./use-records.ts";

const RecordPanel = lazy(async () => ({ default: (await import("./record-panel.tsx")).RecordPanel }));
const CreatePanel = lazy(async () => ({ default: (await import("./record-panel.tsx")).CreatePanel }));

interface Props {
  readonly title: string;
  readonly spec: RecordSpec;
  readonly columns: readonly Column<AnyRecord>[];
  readonly search: RecordsSearch;
  readonly onSearch: ChangeSearch;
}

/** A list of records to work in: find, select, open beside the list, edit, archive; all of it by keyboard too. */
export function RecordsPage({ title, spec, columns, search, onSearch }: Props): ReactNode {
  const { me, formats } = useHere();
  const { list, rows, more, total } = useRecords(spec.kind, search);
  const [selected, setSelected] = useState<Record<string, true>>({});
  const [active, setActive] = useState<string | null>(search.open ?? null);
  const [choice, onChoice, onReset] = useColumnChoice(`${me.person.id}.${spec.kind}`, columns);
  const ids = useMemo(
    () => rows.filter((row) => selected[row.id] === true).map((row) => row.id),
    [rows, selected],
  );
  const toggle = (id: string): void =>
    setSelected(({ [id]: was, ...others }) => (was === true ? others : { ...others, [id]: true }));
  const clear = (): void => setSelected({});
  const showOne = useCallback(
    (record: AnyRecord): void => {
      setActive(record.id);
      onSearch({ open: record.id, fresh: undefined, edit: undefined });
    },
    [onSearch],
  );
  const follows = search.open !== undefined && search.edit !== true;
  const activate = useCallback(
    (id: string): void => {
      setActive(id);
      if (follows) onSearch({ open: id });
    },
    [follows, onSearch],
  );
  const { cells, conflict, settle } = useCellEdit(spec, columns);
  useRecordKeys({ spec, rows, active, setActive, toggle, search, onSearch });
  const end = (
    <>
      <ExportButton spec={spec} search={search} />
      <ColumnMenu columns={columns} choice={choice} onChoice={onChoice} onReset={onReset} />
    </>
  );
  return (
    <Page
      title={title}
      count={total === undefined ? undefined : formats.number(total)}
      acts={<CreateButton spec={spec} onSearch={onSearch} />}
    >
      <Filters spec={spec} search={search} onSearch={onSearch} end={end} />
      <div className="rf-records">
        <div className="rf-records__list" data-stale={list.isPlaceholderData}>
          {list.data === undefined && list.error === null && <TableBones label={`Loading ${spec.many}`} />}
          {list.data === undefined && list.error !== null && (
            <ProblemState error={list.error} retry={() => void list.refetch()} />
          )}
          {list.data !== undefined && rows.length === 0 && (
            <NoRecords spec={spec} search={search} onSearch={onSearch} />
          )}
          {rows.length > 0 && (
            <DataTable
              label={title}
              columns={columns}
              rows={rows}
              total={total}
              choice={choice}
              onChoice={onChoice}
              sort={search.sort ?? (search.q === undefined ? "-createdAt" : undefined)}
              onSort={(column) => onSearch({ sort: nextSort(column as "name", search.sort) })} // as: columns name sortable fields only
              selected={selected}
              onSelected={setSelected}
              active={active}
              onActive={activate}
              onOpen={showOne}
              nameOf={nameOf}
              onNearEnd={more}
              cells={cells}
            />
          )}
          {conflict !== null && <CellConflictNotice conflict={conflict} onSettle={settle} />}
          <BulkBar spec={spec} ids={ids} archived={search.archived === true} onClear={clear} />
        </div>
        <Suspense fallback={null}>
          <SidePanel spec={spec} search={search} onSearch={onSearch} />
        </Suspense>
      </div>
    </Page>
  );
}

function SidePanel({ spec, search, onSearch }: Pick<Props, "spec" | "search" | "onSearch">): ReactNode {
  if (search.fresh === true) {
    return <CreatePanel spec={spec} onDone={(record) => onSearch({ fresh: undefined, open: record?.id })} />;
  }
  if (search.open === undefined) return null;
  return (
    <RecordPanel
      key={search.open}
      spec={spec}
      id={search.open}
      editing={search.edit === true}
      onEditing={(editing) => onSearch({ edit: editing ? true : undefined })}
      onClose={() => onSearch({ open: undefined, edit: undefined })}
    />
  );
}

function CreateButton({ spec, onSearch }: Pick<Props, "spec" | "onSearch">): ReactNode {
  const { may } = useHere();
  if (!may(`${spec.resource}.create`)) return undefined;
  return (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => onSearch({ fresh: true, open: undefined, edit: undefined })}
    >
      New {spec.one}
    </Button>
  );
}

function ExportButton({ spec, search }: Pick<Props, "spec" | "search">): ReactNode {
  const { slug, may } = useHere();
  if (!may(`${spec.resource}.export`)) return null;
  return (
    <ActionIcon
      title="Export these as CSV"
      component="a"
      href={recordsExportPath(slug, spec.kind, filterQuery(search))}
      download
      onClick={downloadProven}
      variant="default"
      size={32}
      aria-label="Export these as CSV"
    >
      <IconDownload size={17} stroke={1.7} />
    </ActionIcon>
  );
}
