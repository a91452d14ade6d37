import { Button, TextInput } from "@mantine/core";
import { IconWorldCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { addDomain, checkDomain, endDomain, fetchDomains, type Domain } from "../../api/sso.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";

/** Domains that the organization has shown to be its own: identity providers speak for addresses of these only. */
export function Domains(): ReactNode {
  const { slug, may } = useHere();
  const { data } = useQuery({ queryKey: [slug, "domains"], queryFn: () => fetchDomains(slug) });
  return (
    <Section title="Domains">
      <p className="rf-lead">
        A domain counts once a TXT record in its DNS says so. Identity providers and directories speak for
        addresses of these domains and no others.
      </p>
      {data !== undefined && data.items.length > 0 && (
        <ul className="rf-card" style={{ marginBottom: 12 }}>
          {data.items.map((domain) => (
            <DomainRow key={domain.id} domain={domain} />
          ))}
        </ul>
      )}
      {may("security.change") && <NewDomain />}
    </Section>
  );
}

function DomainStatus({ domain: { verifiedAt, verifiedUntil } }: { readonly domain: Domain }): ReactNode {
  if (verifiedAt === null) return <Status tone="warn">Waiting for its record</Status>;
  if (verifiedUntil === null) return <Status tone="good">Verified</Status>;
  return (
    <Status tone="bad">
      Its record is gone; counts until <Moment at={verifiedUntil} exact />
    </Status>
  );
}

function DomainRow({ domain }: { readonly domain: Domain }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const again = (): Promise<void> => queryClient.invalidateQueries({ queryKey: [slug, "domains"] });
  const checking = useMutation({
    mutationFn: () => checkDomain(slug, domain.id),
    onSuccess: async ({ verifiedAt, verifiedUntil }) => {
      if (verifiedAt === null || verifiedUntil !== null)
        notify({ title: "The record is not there yet", detail: "DNS can take an hour.", tone: "bad" });
      await again();
    },
    onError: (error) => notifyProblem(error, "The domain could not be checked"),
  });
  const ending = useMutation({
    mutationFn: () => endDomain(slug, domain.id),
    onSuccess: again,
    onError: (error) => notifyProblem(error, "The domain could not be removed"),
  });
  const verified = domain.verifiedAt !== null;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{domain.name}</p>
        <DomainStatus domain={domain} />
      </div>
      {(!verified || domain.verifiedUntil !== null) && <RecordToSet domain={domain} />}
      {may("security.change") && (
        <span className="rf-row">
          <Button
            variant="default"
            size="compact-sm"
            loading={checking.isPending}
            onClick={() => checking.mutate()}
          >
            Check now
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Remove ${domain.name}`}
            loading={ending.isPending}
            onClick={() => ending.mutate()}
          >
            Remove
          </Button>
        </span>
      )}
    </li>
  );
}

function RecordToSet({ domain: { record } }: { readonly domain: Domain }): ReactNode {
  return (
    <dl className="rf-small" style={{ flexBasis: "100%" }}>
      <dt className="rf-dim">Set this TXT record</dt>
      <dd className="rf-row">
        <code className="rf-mono" style={{ overflowWrap: "anywhere" }}>
          {record.name}
        </code>
        <CopyButton text={record.name} what="the record's name" />
      </dd>
      <dd className="rf-row">
        <code className="rf-mono" style={{ overflowWrap: "anywhere" }}>
          {record.value}
        </code>
        <CopyButton text={record.value} what="the record's value" />
      </dd>
    </dl>
  );
}

function NewDomain(): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const adding = useMutation({
    mutationFn: () => addDomain(slug, name.trim()),
    onSuccess: async () => {
      setName("");
      await queryClient.invalidateQueries({ queryKey: [slug, "domains"] });
    },
  });
  const problem = adding.error === null ? null : asProblem(adding.error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <form className="rf-row" style={{ alignItems: "flex-end" }} onSubmit={submit}>
      <TextInput
        label="Add a domain"
        placeholder="example.com"
        leftSection={<IconWorldCheck size={16} />}
        value={name}
        error={problem === null ? undefined : (faultsByField(problem.errors)["name"] ?? problem.sentence)}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={name.trim() === ""} loading={adding.isPending}>
        Add
      </Button>
    </form>
  );
}
