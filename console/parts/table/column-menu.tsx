import { lazy, type ReactNode } from "react";
import { OnDemand } from "../on-demand.tsx";
import { ColumnButton } from "./column-button.tsx";
import type { ColumnMenuProps } from "./column-menu-props.ts";

const ColumnMenuList = lazy(() => import("./column-menu-list.tsx"));

/** Which columns are shown, their order and width. */
export function ColumnMenu(props: ColumnMenuProps): ReactNode {
  return (
    <OnDemand renderButton={(open) => <ColumnButton onClick={open} />}>
      <ColumnMenuList {...props} />
    </OnDemand>
  );
}
