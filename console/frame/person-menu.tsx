import { lazy, type ReactNode } from "react";
import { OnDemand } from "../parts/on-demand.tsx";
import { useHere } from "./here.tsx";
import { PersonButton } from "./person-button.tsx";

const PersonMenuList = lazy(() => import("./person-menu-list.tsx"));

/** You: where you are signed in, light or dark, and the way out. */
export function PersonMenu(): ReactNode {
  const { me } = useHere();
  return (
    <OnDemand renderButton={(open) => <PersonButton name={me.person.name} onClick={open} />}>
      <PersonMenuList />
    </OnDemand>
  );
}
