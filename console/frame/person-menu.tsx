import { lazy, type ReactNode } from "react";
import { OnDemand } from "../parts/on-demand.tsx";
import { useHere } from "./here.tsx";
import { PersonButton } from "./person-button.tsx";
import { useUnseenNotices } from "./use-unseen-notices.ts";

const PersonMenuList = lazy(() => import("./person-menu-list.tsx"));

/** You: where you are signed in, light or dark, and the way out. */
export function PersonMenu(): ReactNode {
  const { me } = useHere();
  const unseen = useUnseenNotices();
  return (
    <OnDemand renderButton={(open) => <PersonButton name={me.person.name} unseen={unseen} onClick={open} />}>
      <PersonMenuList />
    </OnDemand>
  );
}
