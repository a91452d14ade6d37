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
import { Moment } from "../../parts/moment.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Status, type Tone } from "../../parts/status.tsx";

const ConnectionDialog = lazy(() => import("./connection-dialog.tsx"));
const NewConnectionDialog = lazy(() => import("./new-connection-dialog.tsx"));
const EndConnectionDialog = lazy(() => import("./end-connection-dialog.tsx"));

/** The organization's identity providers. */
export function Connections(): ReactNode {
  const { slug, may } = useHere();
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<Connection | null>(null);
  const [ending, setEnding] = useState<Connection | null>(null);
  const { data } = useQuery({ queryKey: [slug, "sso-connections"], queryFn: () => fetchConnections(slug) });
  const add = may("security.change") && (
    <Button leftSection={<IconPlus size={16} />} variant="default" onClick={() => setAdding(true)}>
      Add an identity provider
    </Button>
  );
  return (
    <Section title="Single sign-on">
      {data !== undefined && data.items.length === 0 ? (
        <EmptyState icon={<IconPlugConnected size={22} />} title="No identity provider yet" acts={add}>
          With one, people sign in where your company keeps its accounts, and whoever leaves there is out here
          on the same day. OpenID Connect and SAML 2.0.
        </EmptyState>
      ) : (
        <>
          <ul className="rf-card" style={{ marginBottom: 12 }}>
            {(data?.items ?? []).map((connection) => (
              <ConnectionRow key={connection.id} connection={connection} onOpen={setOpen} onEnd={setEnding} />
            ))}
          </ul>
          {add}
        </>
      )}
      <Suspense fallback={null}>
        {adding && <NewConnectionDialog onClose={() => setAdding(false)} onMade={setOpen} />}
        {open !== null && <ConnectionDialog connection={open} onClose={() => setOpen(null)} />}
        {ending !== null && <EndConnectionDialog connection={ending} onClose={() => setEnding(null)} />}
      </Suspense>
    </Section>
  );
}

const states: Readonly<Record<Connection["state"], { readonly tone: Tone; readonly word: string }>> = {
  draft: { tone: "neutral", word: "A draft, lets nobody in" },
  enabled: { tone: "good", word: "Switched on" },
  disabled: { tone: "warn", word: "Switched off" },
};

interface RowProps {
  readonly connection: Connection;
  readonly onOpen: (connection: Connection) => void;
  readonly onEnd: (connection: Connection) => void;
}

function ConnectionRow({ connection, onOpen, onEnd }: RowProps): ReactNode {
  const { may, formats } = useHere();
  const { name, kind, state, people, lastSignInAt, asksSecondFactor } = connection;
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
          {formats.number(people)} people
          {lastSignInAt !== null && (
            <>
              , last sign-in <Moment at={lastSignInAt} />
            </>
          )}
          {asksSecondFactor && ", counts as a second factor"}
        </p>
      </div>
      {may("security.change") && <ConnectionActs connection={connection} onOpen={onOpen} onEnd={onEnd} />}
    </li>
  );
}

function ConnectionActs({ connection, onOpen, onEnd }: RowProps): ReactNode {
  const { slug } = useHere();
  const { id, name, state } = connection;
  const queryClient = useQueryClient();
  const trying = useMutation({
    mutationFn: () => tryConnection(slug, id),
    onSuccess: ({ location }) => window.location.assign(location),
    onError: (error) => notifyProblem(error, "It could not be tried out"),
  });
  const switching = useMutation({
    mutationFn: () => switchConnection(slug, id, state === "enabled" ? "disable" : "enable"),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] }),
    onError: (error) => notifyProblem(error, "It could not be switched"),
  });
  const linking = useMutation({
    mutationFn: () => openSetupLink(slug, id),
    onError: (error) => notifyProblem(error, "There is no link"),
  });
  return (
    <span className="rf-row" style={{ flexWrap: "wrap" }}>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Set up ${name}`}
        onClick={() => onOpen(connection)}
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
        onClick={() => switching.mutate()}
      >
        {state === "enabled" ? "Switch off" : "Switch on"}
      </Button>
      {state === "draft" && (
        <Button
          variant="subtle"
          size="compact-sm"
          loading={linking.isPending}
          onClick={() => linking.mutate()}
        >
          Link for somebody else
        </Button>
      )}
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        aria-label={`End ${name}`}
        onClick={() => onEnd(connection)}
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
