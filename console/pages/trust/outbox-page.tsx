import { Button } from "@mantine/core";
import { IconMailForward } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { fetchOutbox, type OutboxMail } from "../../api/organization.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Status, type Tone } from "../../parts/status.tsx";

const tones: Readonly<Record<string, Tone>> = { sent: "good", failed: "bad", dead: "bad" };

/** Mail to this organization's own people: alarms and warnings. Letters with links are their readers' own, and not here. */
export function OutboxPage(): ReactNode {
  const { slug } = useHere();
  const { data, error, refetch } = useQuery({ queryKey: [slug, "outbox"], queryFn: () => fetchOutbox(slug) });
  return (
    <Page title="Outbox">
      <Column lead="What Ringfence wrote to this organization's people: keys that end, certificates, alarms. Invitations stand with the members.">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones />}
        {data?.items.length === 0 && (
          <EmptyState icon={<IconMailForward size={22} />} title="No mail yet">
            Warnings appear here when there is one, with their state: waiting, sent or failed.
          </EmptyState>
        )}
        {data !== undefined && data.items.length > 0 && (
          <ul className="rf-card">
            {data.items.map((mail) => (
              <MailRow key={mail.id} mail={mail} />
            ))}
          </ul>
        )}
      </Column>
    </Page>
  );
}

function MailRow({ mail }: { readonly mail: OutboxMail }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p>{mail.subject}</p>
        <p className="rf-dim rf-small">
          To {mail.to} · <Moment at={mail.createdAt} />
        </p>
      </div>
      <Status tone={tones[mail.state] ?? "accent"}>{mail.state}</Status>
      {mail.text !== undefined && mail.text !== null && (
        <Button
          variant="default"
          size="compact-sm"
          aria-expanded={open}
          aria-label={`Read “${mail.subject}” to ${mail.to}`}
          onClick={() => setOpen(!open)}
        >
          {open ? "Close" : "Read"}
        </Button>
      )}
      {open && (
        <pre className="rf-mono" style={{ flexBasis: "100%", whiteSpace: "pre-wrap", margin: 0 }}>
          {mail.text}
        </pre>
      )}
      {mail.lastError !== undefined && mail.lastError !== null && (
        <p className="rf-small" style={{ flexBasis: "100%" }}>
          Last attempt: {mail.lastError}
        </p>
      )}
    </li>
  );
}
