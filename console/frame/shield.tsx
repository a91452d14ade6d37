import { lazy, type ReactNode } from "react";
import { OnDemand } from "../parts/on-demand.tsx";
import { ShieldButton } from "./shield-button.tsx";

const ShieldPopover = lazy(() => import("./shield-popover.tsx"));

/** The small shield: opens what protects this page. */
export function Shield(): ReactNode {
  return (
    <OnDemand renderButton={(open) => <ShieldButton onClick={open} />}>
      <ShieldPopover />
    </OnDemand>
  );
}
