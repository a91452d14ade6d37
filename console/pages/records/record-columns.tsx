import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import type { Column } from "../../parts/table/column.ts";
import { OwnerName, Stage } from "./field-view.tsx";
import { nameOf, valueOf } from "./record-values.ts";
import { recordsSearch } from "./records-search.ts";

const text =
  (key: string) =>
  (record: AnyRecord): ReactNode => {
    const value = valueOf(record, key);
    return typeof value === "string" ? value : null;
  };

const number =
  (key: string) =>
  (record: AnyRecord): ReactNode => <span className="rf-num">{text(key)(record)}</span>;

const name: Column<AnyRecord> = {
  id: "name",
  label: "Name",
  width: 220,
  sort: "name",
  render: (record) => <NameLink record={record} />,
};
const owner: Column<AnyRecord> = {
  id: "owner",
  label: "Owner",
  width: 150,
  edits: "ownerId",
  render: ({ ownerId }) => (ownerId === null ? null : <OwnerName id={ownerId} />),
};
const tags: Column<AnyRecord> = {
  id: "tags",
  label: "Tags",
  width: 180,
  render: (record) => (record.tags ?? []).map((tag) => <TagChip key={tag} tag={tag} />),
};

const dates: readonly Column<AnyRecord>[] = [
  {
    id: "updatedAt",
    label: "Last change",
    width: 130,
    sort: "updatedAt",
    render: (record) => <Dim at={record.updatedAt} />,
  },
  {
    id: "createdAt",
    label: "Added",
    width: 130,
    sort: "createdAt",
    render: (record) => <Dim at={record.createdAt} />,
  },
];

const address: readonly Column<AnyRecord>[] = [
  { id: "city", label: "City", width: 130, edits: "city", render: text("city"), hiddenAtFirst: true },
  {
    id: "country",
    label: "Country",
    width: 130,
    edits: "country",
    render: text("country"),
    hiddenAtFirst: true,
  },
];

export const contactColumns: readonly Column<AnyRecord>[] = [
  name,
  { id: "email", label: "E-mail", width: 240, edits: "email", render: text("email") },
  { id: "phone", label: "Phone", width: 160, edits: "phone", render: number("phone") },
  { id: "account", label: "Account", width: 170, render: text("accountName") },
  {
    id: "stage",
    label: "Stage",
    width: 120,
    edits: "stage",
    render: (record) => ("stage" in record && record.stage !== null ? <Stage stage={record.stage} /> : null),
  },
  { id: "title", label: "Job title", width: 170, edits: "title", render: text("title") },
  owner,
  tags,
  { id: "source", label: "Source", width: 120, edits: "source", render: text("source"), hiddenAtFirst: true },
  ...address,
  ...dates,
];

export const accountColumns: readonly Column<AnyRecord>[] = [
  name,
  { id: "domain", label: "Domain", width: 190, edits: "domain", render: text("domain") },
  { id: "phone", label: "Phone", width: 160, edits: "phone", render: number("phone") },
  { id: "industry", label: "Industry", width: 170, edits: "industry", render: text("industry") },
  owner,
  tags,
  { ...(address[0] ?? name), hiddenAtFirst: false },
  { ...(address[1] ?? name), hiddenAtFirst: false },
  ...dates,
];

/** A link, so that it can be opened in another tab; there too the list keeps its filters, since they are in the address. */
function NameLink({ record }: { readonly record: AnyRecord }): ReactNode {
  const { slug } = useHere();
  const to = "name" in record ? "/o/$organization/accounts" : "/o/$organization/contacts";
  return (
    <Link
      to={to}
      params={{ organization: slug }}
      search={(before: object) => recordsSearch({ ...before, open: record.id, fresh: false, edit: false })}
      tabIndex={-1}
      onClick={(event) => {
        // A plain press is the row's, which opens the record beside the list.
        if (event.ctrlKey || event.metaKey || event.shiftKey) event.stopPropagation();
        else event.preventDefault();
      }}
    >
      {nameOf(record)}
    </Link>
  );
}

function TagChip({ tag }: { readonly tag: string }): ReactNode {
  return (
    <span className="rf-chip" style={{ marginRight: 4 }}>
      {tag}
    </span>
  );
}

function Dim({ at }: { readonly at: string }): ReactNode {
  return (
    <span className="rf-dim">
      <Moment at={at} />
    </span>
  );
}
