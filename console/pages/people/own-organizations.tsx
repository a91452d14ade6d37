import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { leaveOrganization, type Organization } from "../../api/auth.ts";
import type { OwnSupport } from "../../api/own-support.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Chip } from "../../parts/status.tsx";

/** Where the person is a member, and the way out of each; where they are by a support grant they give it back instead. */
export function OwnOrganizations(): ReactNode {
  const { me } = useHere();
  const [leaving, setLeaving] = useState<Organization | null>(null);
  return (
    <Section title="Your organizations">
      <ul className="rf-card">
        {me.organizations
          .filter(({ support }) => support === undefined || support === null)
          .map((one) => (
            <li key={one.slug} className="rf-card__row">
              <p className="rf-grow" style={{ flexBasis: 160, fontWeight: 600 }}>
                {one.name}
              </p>
              <span className="rf-row rf-row--wrap">
                {one.roles.map((role) => (
                  <Chip key={role}>{role}</Chip>
                ))}
              </span>
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Leave ${one.name}`}
                onClick={() => setLeaving(one)}
              >
                Leave
              </Button>
            </li>
          ))}
      </ul>
      {leaving !== null && <LeaveDialog organization={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}

interface Props {
  readonly organization: Organization;
  readonly onClose: () => void;
}

function LeaveDialog({ organization: { slug, name, roles }, onClose }: Props): ReactNode {
  const queryClient = useQueryClient();
  const staff = queryClient.getQueryData<OwnSupport>(["own-support"])?.operator === true;
  const goOn = useWayOn();
  const leaving = useMutation({
    mutationFn: () => leaveOrganization(slug),
    onSuccess: async () => {
      notify({ title: `You have left ${name}`, detail: "Its owners are told.", tone: "good" });
      onClose();
      await goOn(slug);
      await queryClient.invalidateQueries({ queryKey: ["me"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Leave ${name}?`}
      name={name}
      act="Leave it"
      keep="Stay"
      error={leaving.error}
      pending={leaving.isPending}
      onConfirm={() => leaving.mutate()}
      onClose={onClose}
    >
      <p>
        From the next request on {name} lets you in no more. Your API keys there end, and so do those of
        service accounts that you answer for, the invitations that you sent and nobody has accepted, and jobs
        that run for you.
      </p>
      <p>
        Its records stay, and what you did stays in its audit log. To come back you need a new invitation.
        Your account and your other organizations stay as they are.
      </p>
      {staff && <p>If it is by {name} that you belong to the platform’s staff, that ends as well.</p>}
      {roles.includes("owner") && <p>Its last owner cannot leave: make somebody else an owner first.</p>}
    </ConfirmDialog>
  );
}

/** From the organization that was left to the same page in another one; or to where a first one is opened. */
function useWayOn(): (left: string) => Promise<void> {
  const { slug, me } = useHere();
  const navigate = useNavigate();
  return async (left) => {
    if (left !== slug) return;
    const next = me.organizations.find((one) => one.slug !== left);
    if (next === undefined) await navigate({ to: "/organizations/new" });
    else await navigate({ to: "/o/$organization/own-security", params: { organization: next.slug } });
  };
}
