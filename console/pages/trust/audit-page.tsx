import "./audit.css";
import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { auditExportPath, fetchAuditEvents, type AuditEvent } from "../../api/audit.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Page } from "../../parts/page.tsx";
import { downloadProven } from "../../parts/download-proven.ts";
import { ProblemState } from "../../parts/problem-state.tsx";
import { ShowMore } from "../../parts/show-more.tsx";
import { AuditFilters } from "./audit-filters.tsx";
import { AuditLine } from "./audit-line.tsx";
import { auditQuery, auditSearch, type AuditSearch } from "./audit-search.ts";

/** Who did what, when, from where; filters live in the address, and what is shown is what is exported. */
export function AuditPage(): ReactNode {
  const { slug, may, formats } = useHere();
  const search = useSearch({ from: "/o/$organization/audit" });
  const navigate = useNavigate({ from: "/o/$organization/audit" });
  const query = auditQuery(search, formats.region.timeZone);
  const trail = useInfiniteQuery({
    queryKey: [slug, "audit", query],
    queryFn: ({ pageParam, signal }) =>
      fetchAuditEvents(slug, { ...query, limit: 100, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const onSearch = (change: AuditSearch): void =>
    void navigate({ to: ".", search: (before) => auditSearch({ ...before, ...change }), replace: true });
  const onClear = (): void => void navigate({ to: ".", search: {} });
  const events = trail.data?.pages.flatMap((page) => page.items) ?? [];
  const acts = may("audit.export") ? <ExportButtons search={search} /> : undefined;
  return (
    <Page title="Audit log" acts={acts}>
      <AuditFilters search={search} onSearch={onSearch} onClear={onClear} />
      <div className="rf-body">
        {trail.error !== null && <ProblemState error={trail.error} retry={() => void trail.refetch()} />}
        {trail.isPending && <Bones lines={10} />}
        {trail.data !== undefined && events.length === 0 && (
          <EmptyState icon={<IconHistory size={22} />} title="Nothing in this part of the trail">
            Widen the days or remove a filter. The trail cannot be edited: what happened is here.
          </EmptyState>
        )}
        {events.length > 0 && <Trail events={events} />}
        <ShowMore list={trail}>Show older</ShowMore>
      </div>
    </Page>
  );
}

function Trail({ events }: { readonly events: readonly AuditEvent[] }): ReactNode {
  return (
    <ul className="rf-audit">
      {events.map((event) => (
        <AuditLine key={event.id} event={event} />
      ))}
    </ul>
  );
}

function ExportButtons({ search }: { readonly search: AuditSearch }): ReactNode {
  const { slug, formats } = useHere();
  const query = auditQuery(search, formats.region.timeZone);
  return (
    <>
      <Button
        component="a"
        href={auditExportPath(slug, "csv", query)}
        download
        onClick={downloadProven}
        variant="default"
      >
        Export CSV
      </Button>
      <Button
        component="a"
        href={auditExportPath(slug, "jsonl", query)}
        download
        onClick={downloadProven}
        variant="default"
      >
        Export JSONL
      </Button>
    </>
  );
}
