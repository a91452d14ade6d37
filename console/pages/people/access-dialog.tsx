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
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";
import { usePermissions } from "./use-roles.ts";
import { Chip, Status } from "../../parts/status.tsx";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** What a member can do and why; asked of the same functions that judge their requests. */
export default function AccessDialog({ member, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const [chosen, setChosen] = useState("");
  const sentences = new Map(usePermissions().map(({ key, description }) => [key, description]));
  const access = useQuery({
    queryKey: [slug, "access", member.id],
    queryFn: () => fetchAccess(slug, member.id),
    staleTime: 0,
  });
  return (
    <Dialog title={`What ${member.name ?? member.email} can do`} onClose={onClose} size={620}>
      <div className="rf-stack">
        <Loaded query={access} lines={6}>
          {({ items }) => (
            <>
              <NativeSelect
                label="Can they do this now, and what keeps them from it?"
                data={[
                  { value: "", label: "Choose a permission" },
                  ...items.map(({ permission }) => ({
                    value: permission,
                    label: sentences.get(permission) ?? permission,
                  })),
                ]}
                value={chosen}
                onChange={(event) => setChosen(event.currentTarget.value)}
              />
              {chosen !== "" && <Why member={member} permission={chosen} />}
              <ul className="rf-card rf-scroll-y" tabIndex={0} aria-label="Permissions">
                {items
                  .filter(({ may }) => may !== "no")
                  .map(({ permission, may, roles }) => (
                    <li key={permission} className="rf-card__row">
                      <div className="rf-grow" style={{ flexBasis: 220 }}>
                        <p>{sentences.get(permission) ?? permission}</p>
                        <p className="rf-dim rf-mono">{permission}</p>
                      </div>
                      {may === "own" && <span className="rf-dim rf-small">only their own</span>}
                      <span className="rf-row rf-row--wrap">
                        {roles.map((role) => (
                          <Chip key={role}>{role}</Chip>
                        ))}
                      </span>
                    </li>
                  ))}
              </ul>
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

const words: Readonly<Record<Exclude<May, "no">, string>> = {
  all: "yes",
  own: "yes, with what is their own",
};

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
      {data.ways.length === 0 && <p className="rf-small">They are not signed in, and have no keys.</p>}
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
      {name === null ? `A ${kind}` : `The ${kind} ${name}`}
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
