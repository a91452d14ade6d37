import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { AuditEvent } from "../../api/audit.ts";
import { fetchHistory } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { actionWord } from "../../parts/trail/action-words.ts";
import { differencesOf } from "../../parts/trail/diff.ts";
import { DifferenceList } from "../../parts/trail/difference-list.tsx";
import type { RecordSpec } from "./record-spec.ts";
import { useMembers } from "./use-records.ts";

/** What happened to a record, newest first; from the audit trail, so it is complete and nobody can edit it. */
export function Timeline({
  spec,
  id,
  version,
}: {
  readonly spec: RecordSpec;
  readonly id: string;
  readonly version: number;
}): ReactNode {
  const { slug } = useHere();
  const { data, error, refetch } = useQuery({
    queryKey: [slug, spec.kind, "history", id, version],
    queryFn: () => fetchHistory(slug, spec.kind, id),
    placeholderData: (before) => before,
  });
  if (error !== null) return <ProblemState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Bones lines={4} label="Loading the history" />;
  return (
    <ol className="rf-trail">
      {data.items.map((event) => (
        <TimelineEvent key={event.id} event={event} one={spec.one} />
      ))}
    </ol>
  );
}

function TimelineEvent({ event, one }: { readonly event: AuditEvent; readonly one: string }): ReactNode {
  const members = useMembers();
  const fresh = event.before === null;
  const differences = differencesOf(event.before, event.after).filter(
    ({ field }) => !/^(created|archived)(At|_at)$/u.test(field),
  );
  const say = (field: string, value: unknown): string | undefined => {
    if (!/^owner(Id|_id)$/u.test(field)) return undefined;
    const member = members.find((candidate) => candidate.id === value);
    return member?.name ?? member?.email;
  };
  const member = members.find((candidate) => candidate.email === event.actorEmail);
  return (
    <li className="rf-trail__event">
      <span title={event.actorEmail ?? undefined} className="rf-trail__who">
        {member?.name ?? event.actorEmail ?? "The system"}
      </span>{" "}
      {actionWord(event.action)} this {one}{" "}
      <span className="rf-dim">
        · <Moment at={event.at} />
      </span>
      {fresh ? null : <DifferenceList differences={differences} say={say} />}
    </li>
  );
}
