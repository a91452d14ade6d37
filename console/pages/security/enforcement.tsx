import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { fetchMembers, type Member } from "../../api/members.ts";
import { enforceSso, fetchEnforcement, setBreakGlass, type Enforcement as State } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";

/** Whether single sign-on is the only way in, and who still gets in on the day on which it is down. */
export function Enforcement(): ReactNode {
  const { slug, may, formats } = useHere();
  const queryClient = useQueryClient();
  const { data } = useQuery({ queryKey: [slug, "sso-enforcement"], queryFn: () => fetchEnforcement(slug) });
  const enforcing = useMutation({
    mutationFn: (enforced: boolean) => enforceSso(slug, enforced),
    onSuccess: async (_, enforced) => {
      notify({
        title: enforced ? "Single sign-on is the only way in" : "Other ways in are open again",
        tone: "good",
      });
      await queryClient.invalidateQueries({ queryKey: [slug] });
    },
    onError: (error) => notifyProblem(error, "It stays as it was"),
  });
  if (data === undefined) return null;
  return (
    <Section title="Only by single sign-on">
      <div className="rf-card">
        <div className="rf-card__row">
          <div className="rf-grow" style={{ flexBasis: 260 }}>
            <Status tone={data.enforced ? "good" : "neutral"}>
              {data.enforced ? "Passwords and mailed links open nothing here" : "Other ways in are open"}
            </Status>
            <p className="rf-dim rf-small">
              Switched on after you tried a connection out yourself, and with an owner who gets in without it.{" "}
              {data.keys.length > 0 && `${formats.number(data.keys.length)} API keys go on working.`}
            </p>
          </div>
          {may("security.change") && (
            <Button
              variant="default"
              loading={enforcing.isPending}
              onClick={() => enforcing.mutate(!data.enforced)}
            >
              {data.enforced ? "Open the other ways" : "Demand single sign-on"}
            </Button>
          )}
        </div>
        <BreakGlass state={data} />
      </div>
    </Section>
  );
}

function BreakGlass({ state }: { readonly state: State }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const { data } = useQuery({ queryKey: [slug, "members"], queryFn: () => fetchMembers(slug) });
  const setting = useMutation({
    mutationFn: ({ id, on }: { id: string; on: boolean }) => setBreakGlass(slug, id, on),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "sso-enforcement"] }),
    onError: (error) => notifyProblem(error, "It stays as it was"),
  });
  const owners = (data?.items ?? []).filter(({ roles }) => roles.includes("owner"));
  const chosen = new Set(state.breakGlass.map(({ memberId }) => memberId));
  return (
    <fieldset className="rf-card__row" style={{ border: 0 }} disabled={!may("security.change")}>
      <legend className="rf-small" style={{ fontWeight: 600 }}>
        Owners who get in when the provider is down
      </legend>
      {owners.map((owner: Member) => (
        <Checkbox
          key={owner.id}
          label={owner.name ?? owner.email}
          checked={chosen.has(owner.id)}
          onChange={(event) => setting.mutate({ id: owner.id, on: event.currentTarget.checked })}
        />
      ))}
      <p className="rf-dim rf-small" style={{ flexBasis: "100%" }}>
        They need a second factor. Each use is written to the trail, and every owner gets a mail about it.
      </p>
    </fieldset>
  );
}
