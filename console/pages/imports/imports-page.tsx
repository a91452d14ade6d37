import { Button } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchImports, type Import } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { isMoving } from "./import-progress.ts";
import { ImportStatus } from "./import-state.tsx";

/** Every import of the organization, newest first; running ones keep moving on the screen. */
export function ImportsPage(): ReactNode {
  const { slug } = useHere();
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "imports"],
    queryFn: () => fetchImports(slug),
    refetchInterval: ({ state }) => (state.data?.items.some(isMoving) === true ? 1_500 : false),
  });
  const begin = (
    <Button
      leftSection={<IconFileImport size={16} />}
      renderRoot={(props) => (
        <Link to="/o/$organization/imports/new" params={{ organization: slug }} {...props} />
      )}
    >
      New import
    </Button>
  );
  const empty = data?.items.length === 0;
  return (
    <Page title="Imports" acts={empty ? undefined : begin}>
      <div className="rf-body">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones />}
        {empty && (
          <EmptyState icon={<IconFileImport size={22} />} title="Bring your records over" acts={begin}>
            Drop a CSV file with a header row. You say what each column means, see a dry run that writes
            nothing, and can undo the whole import afterwards.
          </EmptyState>
        )}
        {data !== undefined && !empty && <ImportTable imports={data.items} />}
      </div>
    </Page>
  );
}

function ImportTable({ imports }: { readonly imports: readonly Import[] }): ReactNode {
  return (
    <div className="rf-card rf-scroll-x" tabIndex={0} role="region" aria-label="Imports">
      <table className="rf-plain">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">State</th>
            <th scope="col">Rows</th>
            <th scope="col">Created</th>
            <th scope="col">Updated</th>
            <th scope="col">Refused</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {imports.map((one) => (
            <ImportRow key={one.id} one={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ImportRow({ one }: { readonly one: Import }): ReactNode {
  const { slug, formats } = useHere();
  const at = one.finishedAt ?? one.startedAt ?? one.createdAt ?? null;
  return (
    <tr>
      <td>
        <Link to="/o/$organization/imports/$id" params={{ organization: slug, id: one.id }}>
          {one.fileName}
        </Link>
      </td>
      <td>
        <ImportStatus state={one.state} />
      </td>
      <td className="rf-num">{one.rowsTotal === null ? "" : formats.number(one.rowsTotal)}</td>
      <td className="rf-num">{formats.number(one.created)}</td>
      <td className="rf-num">{formats.number(one.updated)}</td>
      <td className="rf-num">{formats.number(one.failed)}</td>
      <td>{at === null ? "" : <Moment at={at} />}</td>
    </tr>
  );
}
