import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { archiveField, fetchFields, type CustomField } from "../../api/organization.ts";
import { useHere } from "../../frame/here.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { Chip } from "../../parts/status.tsx";

const FieldDialog = lazy(() => import("./field-dialog.tsx"));

/** Fields that the organization adds to contacts and accounts. */
export function OwnFields(): ReactNode {
  const { slug, may } = useHere();
  const [adding, setAdding] = useState(false);
  const { data } = useQuery({ queryKey: [slug, "fields"], queryFn: () => fetchFields(slug) });
  const fields = data?.items ?? [];
  return (
    <Section title="Own fields">
      <p className="rf-lead">
        What your organization keeps about contacts and accounts beside the usual: a contract number, a
        segment, a renewal date. They appear in forms, imports and exports.
      </p>
      {fields.length > 0 && (
        <ul className="rf-card" style={{ marginBottom: 12 }}>
          {fields.map((field) => (
            <FieldRow key={field.id} field={field} />
          ))}
        </ul>
      )}
      {may("own_field.create") && (
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          Add a field
        </Button>
      )}
      <Suspense fallback={null}>{adding && <FieldDialog onClose={() => setAdding(false)} />}</Suspense>
    </Section>
  );
}

function FieldRow({ field }: { readonly field: CustomField }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const archiving = useMutation({
    mutationFn: () => archiveField(slug, field),
    onSuccess: async () => {
      notify({
        title: `Archived the field ${field.label}`,
        detail: "Its values stay in the records.",
        tone: "good",
      });
      await queryClient.invalidateQueries({ queryKey: [slug, "fields"] });
    },
    onError: (error) => notifyProblem(error, "The field could not be archived"),
  });
  return (
    <li className="rf-card__row">
      <span className="rf-grow">
        {field.label} <span className="rf-dim rf-mono">{field.key}</span>
      </span>
      <Chip>{field.type}</Chip>
      <span className="rf-dim rf-small">on {field.of}s</span>
      {may("own_field.archive") && (
        <Button
          variant="default"
          size="compact-sm"
          loading={archiving.isPending}
          aria-label={`Archive the field ${field.label}`}
          onClick={() => archiving.mutate()}
        >
          Archive
        </Button>
      )}
    </li>
  );
}
