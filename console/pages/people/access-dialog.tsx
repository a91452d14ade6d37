import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { problems } from "../../../contract/problem.ts";
import { explainAccess, fetchAccess, type May, type Way } from "../../api/access.ts";
import type { Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Chip, Status } from "../../parts/status.tsx";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** What a member can do and why; asked of the same functions that judge their requests. */
export default function AccessDialog({ member, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const [chosen, setChosen] = useState<string | null>(null);
  const { data, error } = useQuery({
    queryKey: [slug, "access", member.id],
    queryFn: () => fetchAccess(slug, member.id),
    staleTime: 0,
  });
  return (
    <Dialog title={`What ${member.name ?? member.email} can do`} onClose={onClose} size={620}>
      <div className="rf-stack">
        <FormProblem error={error} />
        {data === undefined && error === null && <Bones lines={6} />}
        {data !== undefined && (
          <>
            <NativeSelect
              label="Can they do this now, and what keeps them from it?"
              data={[
                { value: "", label: "Choose a permission" },
                ...data.items.map(({ permission }) => permission),
              ]}
              value={chosen ?? ""}
              onChange={(event) =>
                setChosen(event.currentTarget.value === "" ? null : event.currentTarget.value)
              }
            />
            {chosen !== null && <Why member={member} permission={chosen} />}
            <ul
              className="rf-card"
              style={{ maxHeight: 320, overflow: "auto" }}
              tabIndex={0}
              aria-label="Permissions"
            >
              {data.items
                .filter(({ may }) => may !== "no")
                .map(({ permission, may, roles }) => (
                  <li key={permission} className="rf-card__row">
                    <span className="rf-grow rf-mono">{permission}</span>
                    <span className="rf-dim rf-small">{words[may]}</span>
                    <span className="rf-row">
                      {roles.map((role) => (
                        <Chip key={role}>{role}</Chip>
                      ))}
                    </span>
                  </li>
                ))}
            </ul>
          </>
        )}
      </div>
    </Dialog>
  );
}

const words: Readonly<Record<May, string>> = { all: "everybody's", own: "own ones", no: "no" };

function Why({ member, permission }: { readonly member: Member; readonly permission: string }): ReactNode {
  const { slug } = useHere();
  const { data, error } = useQuery({
    queryKey: [slug, "access", member.id, permission],
    queryFn: () => explainAccess(slug, member.id, permission),
    staleTime: 0,
  });
  if (error !== null) return <FormProblem error={error} />;
  if (data === undefined) return <Bones lines={2} />;
  return (
    <div role="status">
      <Status tone={data.may === "no" ? "bad" : "good"}>
        {data.may === "no" ? "No role of theirs gives it" : `Given by ${data.roles.join(", ")}`}
      </Status>
      <ul className="rf-small">
        {data.ways.map((way, at) => (
          <li key={`${at} ${way.kind}`}>
            <WayLine way={way} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function WayLine({ way: { kind, name, lastSeenAt, may, problem } }: { readonly way: Way }): ReactNode {
  return (
    <>
      {kind} {name}
      {lastSeenAt !== null && (
        <>
          , seen <Moment at={lastSeenAt} />
        </>
      )}
      : {may === "no" ? titleOf(problem) : words[may]}
    </>
  );
}

function titleOf(problem: string | null): string {
  const known = Object.entries(problems).find(([key]) => key === problem)?.[1];
  return known?.title ?? "refused";
}
