import "./record.css";
import { ActionIcon, Button } from "@mantine/core";
import { IconArchive, IconArrowBackUp, IconPencil } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { FieldView, Stage } from "./field-view.tsx";
import type { FieldSpec, RecordSpec } from "./record-spec.ts";
import { nameOf, valueOf } from "./record-values.ts";
import { Timeline } from "./timeline.tsx";
import { useArchive } from "./use-archive.ts";

interface Props {
  readonly spec: RecordSpec;
  readonly record: AnyRecord;
  readonly fields: readonly FieldSpec[];
  readonly wide?: boolean;
  readonly onEdit: () => void;
  /** Buttons of the place that shows the record: close, open as a page. */
  readonly acts?: ReactNode;
  readonly onArchived?: (() => void) | undefined;
}

/** A record to read: its facts by group, then what happened to it. */
export function RecordView({
  spec,
  record,
  fields,
  wide = false,
  onEdit,
  acts,
  onArchived,
}: Props): ReactNode {
  return (
    <article className="rf-record" aria-label={nameOf(record)}>
      <RecordHead
        spec={spec}
        record={record}
        wide={wide}
        onEdit={onEdit}
        acts={acts}
        onArchived={onArchived}
      />
      <div className={`rf-record__body${wide ? " rf-record__body--page" : ""}`}>
        <div>
          {record.archivedAt !== null && (
            <p className="rf-record__archived">
              Archived <Moment at={record.archivedAt} />. It is erased for good 30 days after that, unless it
              is restored.
            </p>
          )}
          <Facts record={record} fields={fields} />
        </div>
        <section>
          <h2 className="rf-record__part">History</h2>
          <Timeline spec={spec} id={record.id} version={record.version} />
        </section>
      </div>
    </article>
  );
}

function RecordHead({
  spec,
  record,
  wide = false,
  onEdit,
  acts,
  onArchived,
}: Omit<Props, "fields">): ReactNode {
  const Name = wide ? "h1" : "h2";
  const stage = "stage" in record ? record.stage : null;
  const line =
    "title" in record
      ? [record.title, record.accountName].filter(Boolean).join(" at ")
      : (record.industry ?? "");
  return (
    <header className="rf-record__head">
      <Name className="rf-record__name">{nameOf(record)}</Name>
      <HeadActs spec={spec} record={record} onEdit={onEdit} onArchived={onArchived} />
      {acts}
      <p className="rf-record__under">
        {stage !== null && <Stage stage={stage} />}
        {line !== "" && <span>{line}</span>}
        <span>
          Last change <Moment at={record.updatedAt} />
        </span>
      </p>
    </header>
  );
}

function HeadActs({
  spec,
  record,
  onEdit,
  onArchived,
}: Pick<Props, "spec" | "record" | "onEdit" | "onArchived">): ReactNode {
  const { may } = useHere();
  const { archive, restore } = useArchive(spec);
  if (record.archivedAt !== null) {
    if (!may(`${spec.resource}.archive`)) return null;
    return (
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconArrowBackUp size={15} />}
        onClick={() => restore(record)}
      >
        Restore
      </Button>
    );
  }
  return (
    <>
      {may(`${spec.resource}.change`) && (
        <Button size="compact-sm" variant="default" leftSection={<IconPencil size={15} />} onClick={onEdit}>
          Edit
        </Button>
      )}
      {may(`${spec.resource}.archive`) && (
        <ActionIcon
          title="Archive"
          variant="subtle"
          color="gray"
          size={28}
          aria-label="Archive"
          onClick={() => {
            archive(record);
            onArchived?.();
          }}
        >
          <IconArchive size={17} stroke={1.7} />
        </ActionIcon>
      )}
    </>
  );
}

function Facts({ record, fields }: Pick<Props, "record" | "fields">): ReactNode {
  const filled = fields.filter((field) => hasValue(valueOf(record, field.key)));
  const groups = [...new Set(filled.map((field) => field.group))];
  if (groups.length === 0) return <p className="rf-dim">Nothing is filled in yet.</p>;
  return groups.map((group) => (
    <section key={group}>
      <h2 className="rf-record__part">{group}</h2>
      <dl className="rf-facts">
        {filled
          .filter((field) => field.group === group)
          .map((field) => (
            <div key={field.key} className="rf-facts__line">
              <dt>{field.label}</dt>
              <dd>
                <FieldView record={record} field={field} />
              </dd>
            </div>
          ))}
      </dl>
    </section>
  ));
}

function hasValue(value: unknown): boolean {
  if (value === null || value === "" || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}
