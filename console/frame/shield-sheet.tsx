import "./shield-sheet.css";
import { IconEye, IconKey, IconLock, IconShieldCheck, IconUserShield } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchRoles } from "../api/members.ts";
import { fetchProtection } from "../api/protection.ts";
import { Moment } from "../parts/moment.tsx";
import { useHere } from "./here.tsx";
import { protectionOf } from "./protection.ts";

/** Who can see this page, which permission lets you, and what stays sealed; from the live roles, not from a text. */
export function ShieldSheet({ pathname }: { readonly pathname: string }): ReactNode {
  const { organization, slug, may } = useHere();
  const protection = protectionOf(pathname);
  return (
    <div className="rf-shield">
      <h2 className="rf-shield__title">What protects {protection.page}</h2>
      <Line icon={<IconUserShield size={17} />} title="Who can see it">
        <Seers needs={protection.needs} />
      </Line>
      <Line icon={<IconKey size={17} />} title="What lets you">
        {protection.needs === null ? (
          "You are signed in, and this is yours."
        ) : (
          <>
            The permission <code>{protection.needs}</code>, by your role {organization.roles.join(", ")}.
          </>
        )}
      </Line>
      <Line icon={<IconLock size={17} />} title="What is sealed">
        {protection.sealed}
      </Line>
      <Line icon={<IconEye size={17} />} title="Who judges">
        PostgreSQL checks session, membership and permission for {organization.name} anew with every request.
        A revoke holds from the next one.
      </Line>
      <Line icon={<IconShieldCheck size={17} />} title="When that was proven">
        <Proven />
      </Line>
      {may("audit.read") && (
        <Link to="/o/$organization/audit" params={{ organization: slug }} className="rf-small">
          Open the audit log
        </Link>
      )}
    </div>
  );
}

function Line({
  icon,
  title,
  children,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="rf-shield__line">
      <span aria-hidden>{icon}</span>
      <div>
        <h3>{title}</h3>
        <p>{children}</p>
      </div>
    </div>
  );
}

function Proven(): ReactNode {
  const { slug, may } = useHere();
  const allowed = may("organization.read");
  const { data } = useQuery({
    queryKey: [slug, "protection"],
    queryFn: () => fetchProtection(slug),
    enabled: allowed,
  });
  const found = "all tables, policies, grants and functions were as declared.";
  if (data === undefined) return `When this server started, ${found}`;
  return (
    <>
      When this server started, <Moment at={data.provenAt} />, {found}
    </>
  );
}

function Seers({ needs }: { readonly needs: string | null }): ReactNode {
  const { slug, organization, may } = useHere();
  const { data } = useQuery({
    queryKey: [slug, "roles"],
    queryFn: () => fetchRoles(slug),
    enabled: needs !== null && may("member.read"),
  });
  if (needs === null) return "Only you.";
  if (data === undefined) return `Members of ${organization.name} whose role holds the permission.`;
  const names = data.items.filter((role) => role.permissions.includes(needs)).map((role) => role.name);
  return `Members of ${organization.name} with the role ${names.join(", ")}. Nobody of any other organization.`;
}
