import { lazy, type ReactNode } from "react";
import { OnDemand } from "../parts/on-demand.tsx";
import { useHere } from "./here.tsx";
import { OrganizationButton } from "./organization-button.tsx";

const OrganizationMenuList = lazy(() => import("./organization-menu-list.tsx"));

/** Which organization this is, and the way to the others. */
export function OrganizationMenu({ inDialog }: { readonly inDialog: boolean }): ReactNode {
  const { organization } = useHere();
  return (
    <OnDemand renderButton={(open) => <OrganizationButton organization={organization} onClick={open} />}>
      <OrganizationMenuList inDialog={inDialog} />
    </OnDemand>
  );
}
