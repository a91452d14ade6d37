import { Button } from "@mantine/core";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import {
  fetchConnections,
  openSetupLink,
  switchConnection,
  tryConnection,
  type Connection,
} from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Status, type Tone } from "../../parts/status.tsx";

const ConnectionDialog = lazy(() => import("./connection-dialog.tsx"));
const NewConnectionDialog = lazy(() => import("./new-connection-dialog.tsx"));
const SwitchOffDialog = lazy(() => import("./switch-off-dialog.tsx"));
const EndConnectionDialog = lazy(() => import("./end-connection-dialog.tsx"));
const TurnedAwayDialog = lazy(() => import("./turned-away-dialog.tsx"));

/** The organization's identity providers. */
export function Connections(): ReactNode {
  const { slug, may } = useHere();
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const connections = useQuery({
    queryKey: [slug, "sso-connections"],
    queryFn: () => fetchConnections(slug),
  });
  const add = may("security.change") && (
    <Button leftSection={<IconPlus size={16} />} variant="default" onClick={() => setAdding(true)}>
      Add an identity provider
    </Button>
  );
  return (
    <Section title="Single sign-on">
      <Loaded query={connections} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={<IconPlugConnected size={22} />} title="No identity provider yet" acts={add}>
              People then sign in with their company account, by OpenID Connect or SAML 2.0, and whoever loses
              that account cannot sign in here any more.
            </EmptyState>
          ) : (
            <>
              <ul className="rf-card" style={{ marginBottom: 12 }}>
                {items.map((connection) => (
                  <ConnectionRow key={connection.id} connection={connection} onChoose={setChosen} />
                ))}
              </ul>
              {add}
            </>
          )
        }
      </Loaded>
      <Suspense fallback={null}>
        {adding && (
          <NewConnectionDialog
            onClose={() => setAdding(false)}
            onMade={({ id }) => setChosen({ id, wish: "set-up" })}
          />
        )}
        <ChosenDialog
          chosen={chosen}
          connection={connections.data?.items.find(({ id }) => id === chosen?.id)}
          onClose={() => setChosen(null)}
        />
      </Suspense>
    </Section>
  );
}

/** What is to be done with which one; by its id, so that it is always the newest version that is changed. */
interface Chosen {
  readonly id: string;
  readonly wish: "set-up" | "switch-off" | "end" | "turned-away";
}

function ChosenDialog({
  chosen,
  connection,
  onClose,
}: {
  readonly chosen: Chosen | null;
  readonly connection: Connection | undefined;
  readonly onClose: () => void;
}): ReactNode {
  if (chosen === null || connection === undefined) return null;
  if (chosen.wish === "set-up") return <ConnectionDialog connection={connection} onClose={onClose} />;
  if (chosen.wish === "turned-away") return <TurnedAwayDialog connection={connection} onClose={onClose} />;
  if (chosen.wish === "end") return <EndConnectionDialog connection={connection} onClose={onClose} />;
  return <SwitchOffDialog connection={connection} onClose={onClose} />;
}

const states: Readonly<Record<Connection["state"], { readonly tone: Tone; readonly word: string }>> = {
  draft: { tone: "neutral", word: "Draft: nobody can sign in by it" },
  enabled: { tone: "good", word: "Switched on" },
  disabled: { tone: "warn", word: "Switched off" },
};

interface RowProps {
  readonly connection: Connection;
  readonly onChoose: (chosen: Chosen) => void;
}

function ConnectionRow({ connection, onChoose }: RowProps): ReactNode {
  const { may, formats } = useHere();
  const { id, name, kind, state, people, turnedAway, lastSignInAt, asksSecondFactor } = connection;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>
          {name} <span className="rf-dim">{kind === "oidc" ? "OpenID Connect" : "SAML 2.0"}</span>
        </p>
        <p className="rf-small">
          <Status tone={states[state].tone}>{states[state].word}</Status>
        </p>
        <p className="rf-dim rf-small">
          {formats.counted(people, "person", "people")}
          {lastSignInAt !== null && (
            <>
              , last sign-in <Moment at={lastSignInAt} />
            </>
          )}
          {asksSecondFactor && ", counts as a second factor"}
        </p>
        {turnedAway > 0 && (
          <Button
            variant="subtle"
            size="compact-xs"
            ml={-8}
            aria-label={`What ${name} was sent and did not take`}
            onClick={() => onChoose({ id, wish: "turned-away" })}
          >
            {formats.counted(turnedAway, "answer")} turned away today
          </Button>
        )}
      </div>
      {may("security.change") && <ConnectionActs connection={connection} onChoose={onChoose} />}
    </li>
  );
}

function ConnectionActs({ connection, onChoose }: RowProps): ReactNode {
  const { slug } = useHere();
  const { id, name, state } = connection;
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
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Try ${name} out`}
        loading={trying.isPending}
        onClick={() => trying.mutate()}
      >
        Try it out
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Switch ${name} ${state === "enabled" ? "off" : "on"}`}
        loading={switching.isPending}
        onClick={() => (state === "enabled" ? onChoose({ id, wish: "switch-off" }) : switching.mutate())}
      >
        {state === "enabled" ? "Switch off" : "Switch on"}
      </Button>
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
