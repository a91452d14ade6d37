import "./roles.css";
import { IconCheck, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { roleOrder } from "../../../contract/roles.ts";
import { fetchRoles, type Role, type Roles } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { fieldLabel } from "../../parts/trail/diff.ts";
import { permissionGroups, type Held } from "./permission-groups.ts";

/** Which role may do what: read from the same table that PostgreSQL judges by. */
export function RolesPage(): ReactNode {
  const { slug } = useHere();
  const { data, error, refetch } = useQuery({ queryKey: [slug, "roles"], queryFn: () => fetchRoles(slug) });
  return (
    <Page title="Roles">
      <div className="rf-body">
        <p className="rf-lead">
          What each role may do here. This is not a description: it is the table that PostgreSQL judges every
          request by.
        </p>
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones />}
        {data !== undefined && <Matrix roles={inOrder(data.items)} sentences={sentencesOf(data)} />}
      </div>
    </Page>
  );
}

interface MatrixProps {
  readonly roles: readonly Role[];
  readonly sentences: ReadonlyMap<string, string>;
}

function Matrix({ roles, sentences }: MatrixProps): ReactNode {
  const { organization } = useHere();
  return (
    <div
      className="rf-card rf-scroll-x rf-matrix"
      tabIndex={0}
      role="region"
      aria-label="Roles and permissions"
    >
      <table className="rf-plain">
        <thead>
          <tr>
            <th scope="col">Permission</th>
            {roles.map((role) => (
              <th
                key={role.name}
                scope="col"
                title={role.description}
                data-mine={organization.roles.includes(role.name)}
              >
                {role.name}
                {organization.roles.includes(role.name) && <span className="rf-dim"> (you)</span>}
              </th>
            ))}
          </tr>
        </thead>
        {permissionGroups(roles).map((group) => (
          <tbody key={group.resource}>
            <tr>
              <th scope="rowgroup" colSpan={roles.length + 1} className="rf-matrix__group">
                {fieldLabel(group.resource)}
              </th>
            </tr>
            {group.permissions.map((permission) => (
              <tr key={permission.key}>
                <th scope="row" className="rf-matrix__row">
                  {sentences.get(permission.key) ?? fieldLabel(permission.action)}
                  <span className="rf-dim rf-mono"> {permission.key}</span>
                </th>
                {permission.held.map((held, index) => (
                  <td key={roles[index]?.name}>
                    <Mark held={held} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Mark({ held }: { readonly held: Held }): ReactNode {
  if (held === "no") return <span className="rf-hidden">no</span>;
  if (held === "yes") return <IconCheck size={16} stroke={2.2} aria-label="yes" className="rf-matrix__yes" />;
  return (
    <span className="rf-row" style={{ gap: 3, justifyContent: "center" }}>
      <IconUser size={14} aria-hidden /> own
    </span>
  );
}

function inOrder(roles: readonly Role[]): Role[] {
  const rank = (role: Role): number => roleOrder.findIndex((known) => known === role.name);
  return roles.toSorted((a, b) => rank(a) - rank(b));
}

function sentencesOf({ permissions }: Roles): ReadonlyMap<string, string> {
  return new Map(permissions.map(({ key, description }) => [key, description]));
}
