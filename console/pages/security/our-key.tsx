import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Connection } from "../../api/sso.ts";

interface Props {
  readonly connection: Connection;
  readonly onRenew: () => void;
}

/** The way to a new key of ours, where we sign with one at this provider. */
export function OurKey({ connection: { kind, hasSecret, settings }, onRenew }: Props): ReactNode {
  if (!hasSecret || (kind === "oidc" && settings["tokenAuth"] !== "private_key_jwt")) return null;
  return (
    <div>
      <p>{kind === "saml" ? "Our certificate, in our metadata" : "Our own key"}</p>
      <Button variant="default" size="compact-sm" mt={6} onClick={onRenew}>
        Make a new key
      </Button>
    </div>
  );
}
