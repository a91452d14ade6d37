import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { openSetupLink, switchConnection, tryConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";

/** What is to be done with which one; by its id, so that its dialog begins with the newest version. */
export interface Chosen {
  readonly id: string;
  readonly wish: "set-up" | "people" | "switch-off" | "end" | "turned-away";
}

export interface ActsProps {
  readonly connection: Connection;
  readonly onChoose: (chosen: Chosen) => void;
}

/** What can be done with an identity provider as it stands. */
export function ConnectionActs({ connection, onChoose }: ActsProps): ReactNode {
  const { slug } = useHere();
  const { id, name, state, people } = connection;
  const queryClient = useQueryClient();
  const trying = useMutation({
    mutationFn: () => tryConnection(slug, id),
    onSuccess: ({ location }) => window.location.assign(location),
    onError: (error) => notifyProblem(error, "It could not be tried out"),
  });
  const switching = useMutation({
    mutationFn: () => switchConnection(slug, id, "enable"),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] }),
    onError: (error) => notifyProblem(error, "It could not be switched on"),
  });
  const linking = useMutation({
    mutationFn: () => openSetupLink(slug, id),
    onError: (error) => notifyProblem(error, "There is no link"),
  });
  return (
    <span className="rf-row rf-row--wrap">
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Set up ${name}`}
        onClick={() => onChoose({ id, wish: "set-up" })}
      >
        Set up
      </Button>
      {state !== "disabled" && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`Try ${name} out`}
          loading={trying.isPending}
          onClick={() => trying.mutate()}
        >
          Try it out
        </Button>
      )}
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Switch ${name} ${state === "enabled" ? "off" : "on"}`}
        loading={switching.isPending}
        onClick={() => (state === "enabled" ? onChoose({ id, wish: "switch-off" }) : switching.mutate())}
      >
        {state === "enabled" ? "Switch off" : "Switch on"}
      </Button>
      {people > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={`People by ${name}`}
          onClick={() => onChoose({ id, wish: "people" })}
        >
          People
        </Button>
      )}
      {state === "draft" && (
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={`A link to set ${name} up`}
          loading={linking.isPending}
          onClick={() => linking.mutate()}
        >
          Setup link
        </Button>
      )}
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        aria-label={`End ${name}`}
        onClick={() => onChoose({ id, wish: "end" })}
      >
        End
      </Button>
      {linking.data !== undefined && (
        <ShownOnce
          title="A link to set it up"
          lead="Whoever opens it can set up this one draft, and nothing else; no account is needed. Send it to whoever runs the identity provider. It is shown this one time, and a newer one replaces it."
          what="the link"
          lines={[linking.data.link]}
          fileName="single-sign-on-setup.txt"
          onClose={() => linking.reset()}
        />
      )}
    </span>
  );
}
