import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchMembers } from "../../api/members.ts";
import {
  fetchConnections,
  fetchEnforcement,
  setBreakGlass,
  type Enforcement as State,
} from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";

const EnforcementDialog = lazy(() => import("./enforcement-dialog.tsx"));

/** Whether single sign-on is the only way in, and who still gets in on the day on which it is down. */
export function Enforcement(): ReactNode {
  const { slug } = useHere();
  const enforcement = useQuery({
    queryKey: [slug, "sso-enforcement"],
    queryFn: () => fetchEnforcement(slug),
  });
  const { data: connections } = useQuery({
    queryKey: [slug, "sso-connections"],
    queryFn: () => fetchConnections(slug),
  });
  const ready = connections?.items.some(({ state }) => state === "enabled") === true;
  return (
    <Section title="Require single sign-on">
      <Loaded query={enforcement} lines={2}>
        {(state) => (
          <div className="rf-card">
            <Demand state={state} ready={ready} />
            {(ready || state.enforced) && <BreakGlass state={state} />}
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function Demand({ state, ready }: { readonly state: State; readonly ready: boolean }): ReactNode {
  const { may } = useHere();
  const [asking, setAsking] = useState(false);
  const { enforced } = state;
  return (
    <div className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 260 }}>
        <Status tone={enforced ? "good" : "neutral"}>
          {enforced ? "Required of everybody" : "Not required"}
        </Status>
        <p className="rf-dim rf-small">{hintOf(enforced, ready)}</p>
      </div>
      {may("security.change") && (ready || enforced) && (
        <Button variant="default" onClick={() => setAsking(true)}>
          {enforced ? "Allow other ways" : "Require it"}
        </Button>
      )}
      <Suspense fallback={null}>
        {asking && <EnforcementDialog state={state} onClose={() => setAsking(false)} />}
      </Suspense>
    </div>
  );
}

function hintOf(enforced: boolean, ready: boolean): string {
  if (enforced) return "Passwords, passkeys and mailed links open nothing here.";
  return ready
    ? "People can sign in with a password, a passkey or a mailed link as well. Before you require it, try the connection out yourself and choose an owner below."
    : "Switch an identity provider on first.";
}

function BreakGlass({ state }: { readonly state: State }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const members = useQuery({ queryKey: [slug, "members"], queryFn: () => fetchMembers(slug) });
  const setting = useMutation({
    mutationFn: ({ id, on }: { id: string; on: boolean }) => setBreakGlass(slug, id, on),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "sso-enforcement"] }),
    onError: (error) => notifyProblem(error, "It stays as it was"),
  });
  // The group and not the box says which are checked.
  const chosen = state.breakGlass.map(({ memberId }) => memberId);
  return (
    <div className="rf-card__row">
      <Checkbox.Group
        label="Owners who get in when the identity provider is down"
        description="They need a second factor. Each use is in the audit log, and every owner gets a mail about it."
        value={chosen}
      >
        <Loaded query={members} lines={1}>
          {({ items }) => (
            <div className="rf-stack rf-stack--tight" style={{ marginTop: 8 }}>
              {items
                .filter(({ roles }) => roles.includes("owner"))
                .map((owner) => (
                  <Checkbox
                    key={owner.id}
                    label={owner.name ?? owner.email}
                    value={owner.id}
                    disabled={!may("security.change") || setting.isPending}
                    onChange={(event) => setting.mutate({ id: owner.id, on: event.currentTarget.checked })}
                  />
                ))}
            </div>
          )}
        </Loaded>
      </Checkbox.Group>
    </div>
  );
}
