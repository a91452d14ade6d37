import { IconAlertTriangle, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { AuditEvent } from "../../api/audit.ts";
import { useHere } from "../../frame/here.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Moment } from "../../parts/moment.tsx";
import { actionWord } from "../../parts/trail/action-words.ts";
import { differencesOf, fieldLabel } from "../../parts/trail/diff.ts";
import { DifferenceList } from "../../parts/trail/difference-list.tsx";
import { doorOf, lookWords } from "../../parts/trail/look-words.ts";
import { deviceName } from "../people/device-name.ts";

/** One event: a sentence; opened, what changed and from where. */
export function AuditLine({ event }: { readonly event: AuditEvent }): ReactNode {
  const [open, setOpen] = useState(false);
  const grave = event.severity === "warning" || event.severity === "critical";
  return (
    <li className="rf-audit__event" data-open={open}>
      <button type="button" className="rf-audit__line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={15} className="rf-audit__arrow" aria-hidden />
        <span className="rf-audit__when">
          <Moment at={event.at} />
        </span>
        <span className="rf-audit__who rf-clip">{event.actorEmail ?? "The system"}</span>
        <span className="rf-audit__what rf-clip">
          {grave && (
            <IconAlertTriangle
              size={15}
              className="rf-audit__grave"
              aria-label={event.severity ?? undefined}
            />
          )}
          <Said event={event} />
        </span>
      </button>
      {open && <Particulars event={event} />}
    </li>
  );
}

function Said({ event }: { readonly event: AuditEvent }): ReactNode {
  if (event.action === "look") return lookWords(event);
  return (
    <>
      {actionWord(event.action)}{" "}
      {event.resourceType !== null && event.resourceType !== "session" && <Thing event={event} />}
    </>
  );
}

function Thing({ event }: { readonly event: AuditEvent }): ReactNode {
  const shown = { ...event.before, ...event.after };
  const texts = ["name", "firstName", "first_name", "lastName", "last_name", "email", "label", "fileName"]
    .map((key) => shown[key])
    .filter((value): value is string => typeof value === "string" && value !== "");
  return (
    <>
      {fieldLabel(event.resourceType ?? "").toLowerCase()} <b>{texts.slice(0, 2).join(" ")}</b>
    </>
  );
}

function Particulars({ event }: { readonly event: AuditEvent }): ReactNode {
  return (
    <div className="rf-audit__more">
      <Values event={event} />
      <dl className="rf-audit__facts">
        <Fact label="When" value={<Moment at={event.at} exact />} />
        <Fact label="From" value={fromText(event)} />
        <Fact label="Action" value={<code>{event.action}</code>} />
        <Fact label="Asked for" value={event.action === "look" ? <code>{doorOf(event.after)}</code> : null} />
        <Fact
          label="Request"
          value={event.requestId === null ? null : <Id id={event.requestId} what="the request id" />}
        />
        <Fact label="Record" value={<RecordLink event={event} />} />
      </dl>
    </div>
  );
}

function Values({ event: { action, before, after } }: { readonly event: AuditEvent }): ReactNode {
  if (action === "look")
    return (
      <p className="rf-dim">
        Written down before it was answered, so it is here even if it was refused or not there. Asking for the
        same again is written once a minute.
      </p>
    );
  const differences = differencesOf(before, after);
  if (differences.length === 0) return <p className="rf-dim">No values were changed.</p>;
  return <DifferenceList differences={differences} />;
}

function Fact({ label, value }: { readonly label: string; readonly value: ReactNode }): ReactNode {
  if (value === null || value === "") return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Id({ id, what }: { readonly id: string; readonly what: string }): ReactNode {
  return (
    <span className="rf-row">
      <span className="rf-mono">{id}</span>
      <CopyButton text={id} what={what} />
    </span>
  );
}

function RecordLink({ event }: { readonly event: AuditEvent }): ReactNode {
  const { slug } = useHere();
  const { resourceId: id, resourceType } = event;
  if (id === null) return null;
  if (resourceType !== "contact" && resourceType !== "account") return <Id id={id} what="the record's id" />;
  const to = resourceType === "contact" ? "/o/$organization/contacts/$id" : "/o/$organization/accounts/$id";
  return (
    <Link to={to} params={{ organization: slug, id }}>
      Open the {resourceType}
    </Link>
  );
}

function fromText({ ip, device }: AuditEvent): string {
  const named = device === null || device === undefined ? "" : deviceName(device);
  return [ip ?? "", named].filter((part) => part !== "").join(", ");
}
