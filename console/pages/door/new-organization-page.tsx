import "./door-styles.ts";
import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { openOrganization } from "../../api/auth.ts";
import { asProblem } from "../../api/problem-error.ts";
import { suggestedRegion } from "../../format/region-choices.ts";
import { meQuery } from "../../frame/queries.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { RegionFields } from "../../parts/region-fields.tsx";
import { Door } from "./door.tsx";

/** Opens another organization, sealed off from every other one. */
export function NewOrganizationPage(): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const form = useForm({
    initialValues: {
      name: "",
      ...suggestedRegion(navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone),
    },
  });
  const open = useMutation({
    mutationFn: openOrganization,
    onSuccess: async ({ organization }) => {
      await queryClient.refetchQueries({ queryKey: meQuery.queryKey });
      await navigate({ to: "/o/$organization/contacts", params: { organization } });
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors, "organization.")),
  });
  const lead =
    "It starts empty, with you as its owner. Nothing is shared between organizations, not even by accident.";
  return (
    <Door wide title="Open an organization" lead={lead}>
      <FormProblem error={open.error} />
      <form onSubmit={form.onSubmit((values) => open.mutate(values))}>
        <div className="rf-form">
          <TextInput
            className="rf-form__wide"
            label="Name"
            required
            autoFocus
            {...form.getInputProps("name")}
          />
          <RegionFields
            locale={form.getInputProps("locale")}
            timeZone={form.getInputProps("timeZone")}
            currency={form.getInputProps("currency")}
          />
        </div>
        <div className="rf-row rf-row--end" style={{ marginTop: 20 }}>
          {me !== undefined && me.organizations.length > 0 && (
            <Button component={Link} to="/" variant="default">
              Not now
            </Button>
          )}
          <Button type="submit" loading={open.isPending}>
            Open it
          </Button>
        </div>
      </form>
    </Door>
  );
}
