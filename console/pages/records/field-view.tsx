import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { Chip, Status, type Tone } from "../../parts/status.tsx";
import type { FieldSpec } from "./record-spec.ts";
import { valueOf } from "./record-values.ts";
import { useMembers } from "./use-records.ts";

const stageTones: Readonly<Record<string, Tone>> = {
  lead: "accent",
  open: "warn",
  customer: "good",
  former: "neutral",
};

/** One field's value, as it reads best; nothing where there is nothing. */
export function FieldView({
  record,
  field,
}: {
  readonly record: AnyRecord;
  readonly field: FieldSpec;
}): ReactNode {
  const { formats } = useHere();
  const value = valueOf(record, field.key);
  switch (field.kind) {
    case "email":
      return typeof value === "string" ? <a href={`mailto:${value}`}>{value}</a> : null;
    case "phone":
      return typeof value === "string" ? (
        <a href={`tel:${value.replace(/[^+\d]/gu, "")}`} className="rf-num">
          {value}
        </a>
      ) : null;
    case "url":
      return typeof value === "string" ? <WebLink address={value} /> : null;
    case "choice":
      return typeof value === "string" ? <Stage stage={value} /> : null;
    case "owner":
      return typeof value === "string" ? <OwnerName id={value} /> : null;
    case "account":
      return <AccountLink record={record} />;
    case "tags":
      return <Tags tags={value} />;
    case "addresses":
    case "numbers":
      return <Entries entries={value} />;
    case "date":
      return typeof value === "string" ? formats.plainDay(value) : null;
    case "boolean":
      return value === true ? "Yes" : null;
    case "number":
      return typeof value === "number" ? <span className="rf-num">{formats.decimal(value)}</span> : null;
    case "text":
    case "notes":
      return value === null || value === "" ? null : (
        <span style={{ whiteSpace: "pre-wrap" }}>{String(value)}</span>
      );
  }
}

/** Where somebody stands in the sale: a coloured dot and the word. */
export function Stage({ stage }: { readonly stage: string }): ReactNode {
  return (
    <Status tone={stageTones[stage] ?? "neutral"}>{stage.charAt(0).toUpperCase() + stage.slice(1)}</Status>
  );
}

/** An owner by name. */
export function OwnerName({ id }: { readonly id: string }): ReactNode {
  const member = useMembers().find((one) => one.id === id);
  return member === undefined ? null : (member.name ?? member.email);
}

/** Tags as chips. */
export function Tags({ tags }: { readonly tags: unknown }): ReactNode {
  if (!Array.isArray(tags) || tags.length === 0) return null;
  return (
    <span className="rf-row rf-row--wrap" style={{ gap: 4 }}>
      {tags.map((tag) => (
        <Chip key={String(tag)}>{String(tag)}</Chip>
      ))}
    </span>
  );
}

function AccountLink({ record }: { readonly record: AnyRecord }): ReactNode {
  const { slug } = useHere();
  if (!("accountId" in record) || record.accountId === null) return null;
  return (
    <Link to="/o/$organization/accounts/$id" params={{ organization: slug, id: record.accountId }}>
      {record.accountName ?? "Account"}
    </Link>
  );
}

function Entries({ entries }: { readonly entries: unknown }): ReactNode {
  if (!Array.isArray(entries) || entries.length === 0) return null;
  return (
    <ul>
      {entries.map((entry: Record<string, unknown>, index) => (
        <li key={index}>
          {String(entry["address"] ?? entry["number"] ?? "")}{" "}
          <span className="rf-dim">{String(entry["kind"] ?? "")}</span>
        </li>
      ))}
    </ul>
  );
}

/** Only web addresses become links: a stored `javascript:` must stay text. */
function WebLink({ address }: { readonly address: string }): ReactNode {
  const full = /^https?:\/\//iu.test(address) ? address : `https://${address}`;
  if (!URL.canParse(full)) return address;
  return (
    <a href={full} target="_blank" rel="noopener noreferrer nofollow">
      {address}
    </a>
  );
}
