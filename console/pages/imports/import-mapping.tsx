import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { changeImport, moveImport, type ColumnMapping, type Dedupe, type Import } from "../../api/imports.ts";
import { fetchFields } from "../../api/organization.ts";
import { useHere } from "../../frame/here.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { doubledFields, importTargets, remapped } from "./import-fields.ts";
import type { StepProps } from "./import-step.ts";

const dedupes: readonly { readonly value: Dedupe; readonly label: string }[] = [
  { value: "skip", label: "Leave the existing one as it is" },
  { value: "update", label: "Update the existing one with this row" },
  { value: "create", label: "Add a second one" },
];

/** What each column becomes, with samples from the file beside it, and what happens to rows that exist already. */
export function ImportMapping({ one }: Pick<StepProps, "one">): ReactNode {
  const resource = one.resource ?? "contact";
  const [mapping, setMapping] = useState(() => startingMapping(one));
  const [dedupe, setDedupe] = useState<Dedupe>(one.dedupe ?? "skip");
  const doubled = doubledFields(resource, mapping);
  const checking = useCheck(one, mapping, dedupe);
  return (
    <>
      <FormProblem error={checking.error} />
      <MappingTable
        one={one}
        resource={resource}
        mapping={mapping}
        doubled={doubled}
        onMapping={setMapping}
      />
      <NativeSelect
        mt="md"
        maw={360}
        label={`When a row is ${resource === "contact" ? "a contact" : "an account"} that exists already`}
        data={[...dedupes]}
        value={dedupe}
        onChange={(event) =>
          setDedupe(dedupes.find(({ value }) => value === event.currentTarget.value)?.value ?? "skip")
        }
      />
      <div className="rf-import__foot">
        <Button
          loading={checking.isPending}
          disabled={doubled.length > 0 || mapping.every((column) => column.field === null)}
          onClick={() => checking.mutate()}
        >
          Check the file
        </Button>
      </div>
    </>
  );
}

interface TableProps {
  readonly one: Import;
  readonly resource: "contact" | "account";
  readonly mapping: readonly ColumnMapping[];
  readonly doubled: readonly string[];
  readonly onMapping: (mapping: ColumnMapping[]) => void;
}

function MappingTable({ one, resource, mapping, doubled, onMapping }: TableProps): ReactNode {
  const { slug } = useHere();
  const { data } = useQuery({ queryKey: [slug, "fields"], queryFn: () => fetchFields(slug) });
  const targets = importTargets(resource, data?.items ?? []);
  return (
    <div className="rf-card rf-scroll-x">
      <table className="rf-plain">
        <thead>
          <tr>
            <th scope="col">Column of the file</th>
            <th scope="col">For example</th>
            <th scope="col">Becomes</th>
          </tr>
        </thead>
        <tbody>
          {(one.headers ?? []).map((header, column) => {
            const field = mapping.find((candidate) => candidate.column === column)?.field ?? null;
            const clash = field !== null && doubled.includes(field);
            return (
              <tr key={column}>
                <td>{header === "" ? <span className="rf-dim">(no name)</span> : header}</td>
                <td className="rf-import__sample">{samplesOf(one, column)}</td>
                <td style={{ minWidth: 190 }}>
                  <NativeSelect
                    aria-label={`${header} becomes`}
                    data={targets}
                    value={field ?? ""}
                    error={clash ? "Another column goes there already" : undefined}
                    onChange={(event) => onMapping(remapped(mapping, column, event.currentTarget.value))}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function useCheck(one: Import, mapping: readonly ColumnMapping[], dedupe: Dedupe) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await changeImport(slug, one.id, { mapping, dedupe });
      return moveImport(slug, one.id, "check");
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: [slug, "import", one.id] }),
  });
}

function startingMapping(one: Import): ColumnMapping[] {
  const given = one.mapping ?? [];
  return (one.headers ?? []).map(
    (_header, column) =>
      given.find((candidate) => candidate.column === column) ?? { column, field: null, confidence: 0 },
  );
}

function samplesOf(one: Import, column: number): string {
  const values = (one.sample ?? []).map((row) => row[column]?.trim() ?? "").filter((value) => value !== "");
  return [...new Set(values)].slice(0, 3).join(" · ");
}
