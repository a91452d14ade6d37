import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { changeOrganization, fetchOrganization, type OrganizationSettings } from "../../api/organization.ts";
import { asProblem } from "../../api/problem-error.ts";
import { formatsFor } from "../../format/formats.ts";
import { useNow } from "../../format/now.tsx";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { Column, Page, Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { RegionFields } from "../../parts/region-fields.tsx";
import { OwnFields } from "./own-fields.tsx";

/** The organization's name, language, time zone and currency, and the fields it declared for itself. */
export function OrganizationPage(): ReactNode {
  const { slug } = useHere();
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "organization"],
    queryFn: () => fetchOrganization(slug),
  });
  return (
    <Page title="Organization">
      <Column>
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones />}
        {data !== undefined && (
          <>
            <Section title="Name and region">
              <SettingsForm key={data.version} settings={data} />
            </Section>
            <OwnFields />
          </>
        )}
      </Column>
    </Page>
  );
}

function SettingsForm({ settings }: { readonly settings: OrganizationSettings }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const { name, locale, timeZone, currency, version } = settings;
  const form = useForm({ initialValues: { name, locale, timeZone, currency } });
  const saving = useMutation({
    mutationFn: (values: typeof form.values) => changeOrganization(slug, values, version),
    onSuccess: async () => {
      notify({ title: "Saved", detail: "Dates and numbers follow everywhere.", tone: "good" });
      await queryClient.invalidateQueries({ queryKey: [slug, "organization"] });
      await queryClient.invalidateQueries({ queryKey: ["me"] });
      form.resetDirty();
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  const fixed = !may("organization.change");
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <FormProblem error={saving.error} />
      <fieldset disabled={fixed} style={{ border: 0, margin: 0, padding: 0 }}>
        <div className="rf-form">
          <TextInput className="rf-form__wide" label="Name" required {...form.getInputProps("name")} />
          <RegionFields
            locale={form.getInputProps("locale")}
            timeZone={form.getInputProps("timeZone")}
            currency={form.getInputProps("currency")}
          />
        </div>
      </fieldset>
      <Preview {...form.values} />
      {!fixed && (
        <Button type="submit" mt="md" loading={saving.isPending} disabled={!form.isDirty()}>
          Save
        </Button>
      )}
    </form>
  );
}

/** Shows at once what a choice means, before it is saved. */
function Preview(region: {
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
}): ReactNode {
  const now = useNow();
  const formats = formatsFor(region);
  return (
    <p className="rf-dim rf-small rf-num" style={{ marginTop: 12 }}>
      Now: {formats.exact(new Date(now).toISOString())} · {formats.number(1234567.5)} ·{" "}
      {formats.money(1_234_567)}
    </p>
  );
}
