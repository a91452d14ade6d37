import { createContext, use, useMemo, type ReactNode } from "react";
import type { Me, Organization } from "../api/auth.ts";
import { formatsFor, type Formats } from "../format/formats.ts";

export interface Here {
  readonly me: Me;
  readonly organization: Organization;
  readonly slug: string;
  readonly formats: Formats;
  /** Whether the person holds a permission here, if only for their own things; only for what to show, since PostgreSQL judges every request itself. */
  readonly may: (permission: string) => boolean;
}

const HereContext = createContext<Here | null>(null);

/** Tells everything below which organization it is in, and as whom. */
export function HereProvider({
  me,
  organization,
  children,
}: {
  readonly me: Me;
  readonly organization: Organization;
  readonly children: ReactNode;
}): ReactNode {
  const here = useMemo<Here>(
    () => ({
      me,
      organization,
      slug: organization.slug,
      formats: formatsFor(organization),
      may: (permission) =>
        organization.permissions.includes(permission) ||
        organization.permissions.includes(`${permission}:own`),
    }),
    [me, organization],
  );
  return <HereContext value={here}>{children}</HereContext>;
}

/** Whether this is a screen of an organization. */
export function useIsHere(): boolean {
  return use(HereContext) !== null;
}

/** Where the person is; only inside an organization. */
export function useHere(): Here {
  const here = use(HereContext);
  if (here === null) throw new Error("useHere is only for screens of an organization");
  return here;
}
