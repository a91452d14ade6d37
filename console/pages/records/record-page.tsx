import "./record.css";
import { ActionIcon } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useParams, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { useTitle } from "../../parts/use-title.ts";
import { accountSpec, contactSpec, type RecordSpec } from "./record-spec.ts";
import { nameOf } from "./record-values.ts";
import { RecordView } from "./record-view.tsx";
import { useFields, useRecord } from "./use-records.ts";

const RecordEdit = lazy(() => import("./record-edit.tsx"));

/** A contact on a page of its own. */
export function ContactPage(): ReactNode {
  const { id } = useParams({ from: "/o/$organization/contacts/$id" });
  return <RecordPage key={id} spec={contactSpec} id={id} />;
}

/** An account on a page of its own. */
export function AccountPage(): ReactNode {
  const { id } = useParams({ from: "/o/$organization/accounts/$id" });
  return <RecordPage key={id} spec={accountSpec} id={id} />;
}

function RecordPage({ spec, id }: { readonly spec: RecordSpec; readonly id: string }): ReactNode {
  const { organization } = useHere();
  const router = useRouter();
  const [editing, setEditing] = useState(false);
  const { data: record, error, refetch } = useRecord(spec.kind, id);
  const fields = useFields(spec);
  useTitle(record === undefined ? undefined : nameOf(record), organization.name);
  if (record === undefined) {
    return error === null ? (
      <Bones lines={10} />
    ) : (
      <ProblemState error={error} retry={() => void refetch()} />
    );
  }
  if (editing) {
    return (
      <Suspense fallback={<Bones lines={10} />}>
        <RecordEdit spec={spec} record={record} fields={fields} wide onDone={() => setEditing(false)} />
      </Suspense>
    );
  }
  const back = (
    <ActionIcon
      title={`Back to the ${spec.many}`}
      variant="subtle"
      color="gray"
      size={28}
      aria-label={`Back to the ${spec.many}`}
      className="rf-record__back"
      onClick={() => router.history.back()}
    >
      <IconArrowLeft size={17} />
    </ActionIcon>
  );
  return (
    <RecordView
      spec={spec}
      record={record}
      fields={fields}
      wide
      onEdit={() => setEditing(true)}
      acts={back}
    />
  );
}
