import "./imports.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchImport, moveImport } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { notifyProblem } from "../../parts/notify.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { ImportMapping } from "./import-mapping.tsx";
import { isMoving } from "./import-progress.ts";
import { DryRun } from "./dry-run.tsx";
import { ImportResult } from "./import-result.tsx";
import { ImportRunning } from "./import-running.tsx";
import { ImportStatus } from "./import-state.tsx";
import type { Act, StepProps } from "./import-step.ts";

/** One import, whatever state it is in; all of it lives on the server, so a reload changes nothing. */
export function ImportPage(): ReactNode {
  const { id } = useParams({ from: "/o/$organization/imports/$id" });
  const { slug, formats } = useHere();
  const {
    data: one,
    error,
    refetch,
  } = useQuery({
    queryKey: [slug, "import", id],
    queryFn: () => fetchImport(slug, id),
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? 700 : false),
  });
  const { act, busy } = useAct(id);
  if (one === undefined) {
    return error === null ? <Bones /> : <ProblemState error={error} retry={() => void refetch()} />;
  }
  return (
    <Page title={one.fileName}>
      <div className="rf-body">
        <div className="rf-body__column">
          <p className="rf-import__file">
            <ImportStatus state={one.state} />
            {one.bytes !== null && <span className="rf-num">{formats.bytes(one.bytes)}</span>}
            {one.rowsTotal !== null && <span className="rf-num">{formats.number(one.rowsTotal)} rows</span>}
            {one.encoding !== null && <span>{one.encoding}</span>}
            {one.delimiter !== null && <span>separated by {delimiterName(one.delimiter)}</span>}
          </p>
          <Step one={one} busy={busy} onAct={act} />
        </div>
      </div>
    </Page>
  );
}

function Step(props: StepProps): ReactNode {
  switch (props.one.state) {
    case "uploaded":
      return <ImportMapping one={props.one} />;
    case "checked":
      return <DryRun {...props} />;
    case "uploading":
    case "checking":
    case "running":
    case "undoing":
      return <ImportRunning {...props} />;
    case "done":
    case "cancelled":
    case "failed":
    case "undone":
      return <ImportResult {...props} />;
  }
}

function useAct(id: string) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (act: Act) => moveImport(slug, id, act),
    onSuccess: (one) => {
      if (one !== null) queryClient.setQueryData([slug, "import", id], one);
    },
    onError: (error) => notifyProblem(error, "The import could not go on"),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: [slug, "import", id] });
      await queryClient.invalidateQueries({ queryKey: [slug, "imports"] });
      await queryClient.invalidateQueries({ queryKey: [slug, "contacts"] });
      await queryClient.invalidateQueries({ queryKey: [slug, "accounts"] });
    },
  });
  return { act: mutate, busy: isPending };
}

function delimiterName(delimiter: string): string {
  const names: Readonly<Record<string, string>> = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
  };
  return names[delimiter] ?? delimiter;
}
