import { Button } from "@mantine/core";
import { IconMailForward } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { fetchOutbox, type OutboxMail } from "../../api/organization.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Status, type Tone } from "../../parts/status.tsx";

const tones: Readonly<Record<string, Tone>> = {
  sent: "good",
  failed: "bad",
  dead: "bad",
  held: "neutral",
};

/** Mail to this organization's own people; where no relay is set, or none is used since it is a demo, also the invitations that somebody must hand on. */
export function OutboxPage(): ReactNode {
  const { slug, organization } = useHere();
  const { data, error, refetch } = useQuery({ queryKey: [slug, "outbox"], queryFn: () => fetchOutbox(slug) });
  return (
    <Page title="Outbox">
      <Column lead={leadOf(organization.demo)}>
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones />}
        {data?.items.length === 0 && (
          <EmptyState icon={<IconMailForward size={22} />} title="No mail yet">
            {organization.demo
              ? "Warnings and invitations appear here. None of them is mailed."
              : "Warnings appear here, with their state: waiting, sent or failed. So do invitations while no mail server is set up."}
          </EmptyState>
        )}
        {data !== undefined && data.items.length > 0 && (
          <ul className="rf-card">
            {data.items.map((mail) => (
              <MailRow key={mail.id} mail={mail} />
            ))}
          </ul>
        )}
        {data?.items.some(isElsewhere) === true && (
          <p className="rf-dim rf-small" style={{ marginTop: 8 }}>
            Whoever runs this installation finds the links that are not shown here with{" "}
            <code>ringfence outbox --organization {slug}</code>.
          </p>
        )}
      </Column>
    </Page>
  );
}

function leadOf(demo: boolean): string {
  const what = "What Ringfence wrote to this organization's people: keys that end, certificates, alarms.";
  return demo
    ? `${what} This is a demo, which mails nobody: its invitations stay here as well.`
    : `${what} Without a mail server invitations wait here too: copy the link and hand it over yourself.`;
}

/** An invitation that somebody else must hand on. */
function isElsewhere({ purpose, state, text }: OutboxMail): boolean {
  return purpose === "invitation" && state !== "sent" && (text === null || text === undefined);
}

function MailRow({ mail }: { readonly mail: OutboxMail }): ReactNode {
  const [open, setOpen] = useState(false);
  const link = linkIn(mail.text ?? "");
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p>{mail.subject}</p>
        <p className="rf-dim rf-small">
          To {mail.to} · <Moment at={mail.createdAt} />
        </p>
      </div>
      <Status tone={tones[mail.state] ?? "accent"}>
        {mail.state === "held" ? "not mailed" : mail.state}
      </Status>
      {link !== null && <CopyButton text={link} what="the link in it" />}
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

function linkIn(text: string): string | null {
  return /https?:\/\/\S+/u.exec(text)?.[0] ?? null;
}
