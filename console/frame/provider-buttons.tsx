import { Button } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ssoAddress, type Entrance } from "../api/entrance.ts";

/** To the organization's identity provider, and from there back to this very page. */
export function ProviderButtons({
  connections,
  fresh = false,
}: {
  readonly connections: Entrance["connections"];
  /** Whether the provider is to ask anew who it is. */
  readonly fresh?: boolean;
}): ReactNode {
  const here = useRouterState({ select: ({ location }) => `${location.pathname}${location.searchStr}` });
  return connections.map(({ id, name }) => (
    <Button key={id} component="a" href={ssoAddress(id, here, fresh)}>
      {`Sign in with ${name}`}
    </Button>
  ));
}
