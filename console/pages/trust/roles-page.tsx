import "./roles.css";
import { Button } from "@mantine/core";
import { IconCheck, IconPlus, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { roleOrder } from "../../../contract/roles.ts";
import { fetchRoles, type Role, type Roles } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { fieldLabel } from "../../parts/trail/diff.ts";
import { permissionGroups, type Held } from "./permission-groups.ts";

const RoleDialog = lazy(() => import("./role-dialog.tsx"));

/** Which role may do what: read from the same table that PostgreSQL judges by. */
export function RolesPage(): ReactNode {
  const { slug, may } = useHere();
  const { data, error, refetch } = useQuery({ queryKey: [slug, "roles"], queryFn: () => fetchRoles(slug) });
  // By its name, so that it is always the newest version that is changed; "" is a new one.
  const [editing, setEditing] = useState<string | null>(null);
  const make =
    may("role.change") && data !== undefined ? (
      <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("")}>
        New role
      </Button>
    ) : undefined;
  return (
    <Page title="Roles" acts={make}>
      <div className="rf-body rf-body--filled">
        <p className="rf-lead">
          What each role may do. The same table decides about every request, so nothing here can be out of
          date.
        </p>
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones />}
        {data !== undefined && (
          <Matrix
            roles={inOrder(data.items)}
            sentences={sentencesOf(data)}
            onEdit={({ name }) => setEditing(name)}
          />
        )}
      </div>
      <Suspense fallback={null}>
        {editing !== null && data !== undefined && (
          <RoleDialog
            role={data.items.find(({ name }) => name === editing) ?? null}
            catalogue={data.permissions}
            onClose={() => setEditing(null)}
          />
        )}
      </Suspense>
    </Page>
  );
}

interface MatrixProps {
  readonly roles: readonly Role[];
  readonly sentences: ReadonlyMap<string, string>;
  readonly onEdit: (role: Role) => void;
}

function Matrix({ roles, sentences, onEdit }: MatrixProps): ReactNode {
  const { organization, may } = useHere();
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
                {role.id !== null && role.id !== undefined && may("role.change") ? (
                  <Button variant="subtle" size="compact-sm" onClick={() => onEdit(role)}>
                    {role.label ?? role.name}
                  </Button>
                ) : (
                  (role.label ?? role.name)
                )}
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
  const rank = ({ name }: Role): number => {
    const at = roleOrder.findIndex((known) => known === name);
    return at < 0 ? roleOrder.length : at;
  };
  return roles.toSorted((a, b) => rank(a) - rank(b));
}

function sentencesOf({ permissions }: Roles): ReadonlyMap<string, string> {
  return new Map(permissions.map(({ key, description }) => [key, description]));
}
