import "./sessions.css";
import { Button } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile, IconTerminal2 } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { endAllSessions, endOtherSessions, endSession, fetchSessions, type Session } from "../../api/auth.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Status } from "../../parts/status.tsx";
import { deviceKind, deviceName } from "./device-name.ts";
import { RememberedBrowsers } from "./remembered-browsers.tsx";

const lead = "Everywhere you are signed in. A session that you end is refused from its next request.";

/** Where the person is signed in, and one tap to end any of it; made for a phone in a hurry. */
export function SessionsPage(): ReactNode {
  const { data, error, refetch } = useQuery({ queryKey: ["sessions"], queryFn: fetchSessions });
  return (
    <Page
      title="Your sessions"
      acts={
        <>
          <EndOthers others={(data?.items.length ?? 0) > 1} />
          <EndAll />
        </>
      }
    >
      <Column lead={lead}>
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={4} />}
        {data !== undefined && (
          <ul className="rf-sessions">
            {inOrder(data.items).map((session) => (
              <SessionCard key={session.id} session={session} />
            ))}
          </ul>
        )}
        <RememberedBrowsers />
      </Column>
    </Page>
  );
}

function EndOthers({ others }: { readonly others: boolean }): ReactNode {
  const { formats } = useHere();
  const queryClient = useQueryClient();
  const ending = useMutation({
    mutationFn: endOtherSessions,
    onSuccess: async ({ ended }) => {
      notify({ title: `Ended ${formats.counted(ended, "other session")}`, tone: "good" });
      await Promise.all(
        ["sessions", "remembered-devices"].map((name) => queryClient.invalidateQueries({ queryKey: [name] })),
      );
    },
    onError: (error) => notifyProblem(error, "The sessions could not be ended"),
  });
  if (!others) return null;
  return (
    <Button variant="default" loading={ending.isPending} onClick={() => ending.mutate()}>
      End all others
    </Button>
  );
}

/** For whoever wants out everywhere; this browser is at the door then. */
function EndAll(): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const ending = useMutation({
    mutationFn: endAllSessions,
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      queryClient.clear();
    },
    onError: (error) => notifyProblem(error, "The sessions could not be ended"),
  });
  return (
    <Button variant="default" color="red" loading={ending.isPending} onClick={() => ending.mutate()}>
      Sign out everywhere
    </Button>
  );
}

function SessionCard({ session }: { readonly session: Session }): ReactNode {
  const end = useEnd(session);
  const name = deviceName(session.device);
  return (
    <li className="rf-session" data-current={session.current}>
      <span className="rf-session__icon" aria-hidden>
        <DeviceIcon device={session.device} />
      </span>
      <div className="rf-session__text">
        <h2 className="rf-session__name">{name}</h2>
        <p className="rf-dim rf-small">
          {session.place !== null && `${session.place} · `}
          <span className="rf-num">{session.ip ?? "address unknown"}</span> · signed in{" "}
          <Moment at={session.createdAt} />
        </p>
        <Programs count={session.programs} />
        <p className="rf-small">
          {session.current ? (
            <Status tone="good">This one, in use now</Status>
          ) : (
            <Status>
              Last seen <Moment at={session.lastSeenAt ?? session.createdAt} />
            </Status>
          )}
        </p>
      </div>
      {!session.current && (
        <Button
          variant="default"
          color="red"
          loading={end.isPending}
          onClick={() => end.mutate()}
          aria-label={`End the session on ${name}`}
        >
          End
        </Button>
      )}
    </li>
  );
}

function Programs({ count }: { readonly count: number }): ReactNode {
  const { formats } = useHere();
  if (count === 0) return null;
  return (
    <p className="rf-dim rf-small">
      {formats.counted(count, "program came in by it and ends", "programs came in by it and end")} with it
    </p>
  );
}

function DeviceIcon({ device }: { readonly device: string | null }): ReactNode {
  const kind = deviceKind(device);
  if (kind === "phone") return <IconDeviceMobile size={22} stroke={1.6} />;
  return kind === "program" ? (
    <IconTerminal2 size={22} stroke={1.6} />
  ) : (
    <IconDeviceDesktop size={22} stroke={1.6} />
  );
}

function useEnd(session: Session) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => endSession(session.id),
    onSuccess: async () => {
      notify({
        title: "Session ended",
        detail: `${deviceName(session.device)} is signed out.`,
        tone: "good",
      });
      await queryClient.invalidateQueries({ queryKey: ["sessions"] });
    },
    onError: (error) => notifyProblem(error, "The session could not be ended"),
  });
}

function inOrder(sessions: readonly Session[]): Session[] {
  const seen = (session: Session): string => session.lastSeenAt ?? session.createdAt;
  return sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || seen(b).localeCompare(seen(a)));
}
