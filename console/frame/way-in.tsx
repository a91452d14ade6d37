import { Button } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProblemError } from "../api/problem-error.ts";
import { useHere } from "./here.tsx";
import { ProviderButtons } from "./provider-buttons.tsx";
import { useEntrance } from "./use-entrance.ts";
import { useSecondFactor } from "./use-second-factor.ts";

/** What to do about it when an organization does not let a session in: the act itself, and then one is back where one was. */
export default function WayIn({ problem }: { readonly problem: ProblemError }): ReactNode {
  if (problem.key === "second-factor-needed") return <BySecondFactor />;
  if (problem.key === "single-sign-on-needed") return <BySingleSignOn />;
  return <BySigningIn />;
}

function BySecondFactor(): ReactNode {
  const { slug } = useHere();
  const { data } = useEntrance(slug);
  const add = useSecondFactor();
  if (data === undefined) return null;
  return (
    <div className="rf-way-in">
      <p className="rf-state__body">
        {data.hasSecondFactor
          ? "This session was opened without yours. Show it, and go on right here."
          : data.byProvider
            ? "Your identity provider did not say that it asked you for one."
            : "Add a passkey or an authenticator app: it takes a minute, and you go on right here."}
      </p>
      <div className="rf-state__acts">
        <Button onClick={add}>
          {data.hasSecondFactor
            ? "Show your second factor"
            : data.byProvider
              ? "See what to do"
              : "Add a second factor"}
        </Button>
      </div>
    </div>
  );
}

function BySingleSignOn(): ReactNode {
  const { slug, organization, me } = useHere();
  const { data } = useEntrance(slug);
  if (data === undefined) return null;
  const none = data.connections.length === 0;
  return (
    <div className="rf-way-in">
      <p className="rf-state__body">
        {none
          ? `No identity provider of ${organization.name} speaks for ${me.person.email}. Ask an administrator there for the organization's own sign-in address.`
          : "You come back to this page."}
      </p>
      <div className="rf-state__acts">
        <ProviderButtons connections={data.connections} />
      </div>
    </div>
  );
}

function BySigningIn(): ReactNode {
  const { slug } = useHere();
  const { data } = useEntrance(slug);
  const here = useRouterState({ select: ({ location }) => location.href });
  if (data === undefined) return null;
  return (
    <div className="rf-way-in">
      <div className="rf-state__acts">
        <ProviderButtons connections={data.connections} />
        {!data.byProvider && (
          <Button
            component="a"
            href={`/sign-in?${new URLSearchParams({ to: here }).toString()}`}
            variant={data.connections.length > 0 ? "default" : "filled"}
          >
            Sign in again
          </Button>
        )}
      </div>
    </div>
  );
}
