import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { fetchDomains } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Status } from "../../parts/status.tsx";

interface Props {
  readonly label: string;
  readonly value: readonly string[];
  readonly error?: string | undefined;
  readonly onChange: (domains: string[]) => void;
}

/** Some of the organization's domains, or none for all that are verified. One that was chosen and is gone can be left out. */
export function DomainsChoice({ label, value, error, onChange }: Props): ReactNode {
  const { slug } = useHere();
  const { data } = useQuery({ queryKey: [slug, "domains"], queryFn: () => fetchDomains(slug) });
  const domains = data?.items ?? [];
  const gone = value.filter((name) => domains.every((domain) => domain.name !== name));
  return (
    <Checkbox.Group
      label={label}
      description={
        domains.length === 0
          ? "Add a domain to the organization first; until then nobody comes in by an address"
          : "None chosen: all that are verified, also those that are added later"
      }
      error={error}
      value={[...value]}
      onChange={(chosen) => onChange(chosen)}
    >
      <div className="rf-stack rf-stack--tight" style={{ marginTop: 6 }}>
        {domains.map(({ name, verifiedAt }) => (
          <Checkbox
            key={name}
            value={name}
            label={name}
            description={verifiedAt === null ? <Status tone="warn">Not verified yet</Status> : undefined}
          />
        ))}
        {gone.map((name) => (
          <Checkbox key={name} value={name} label={name} description="Not the organization's any more" />
        ))}
      </div>
    </Checkbox.Group>
  );
}
