import "@mantine/core/styles/Radio.css";
import { Button, Checkbox, NativeSelect, Radio, Textarea, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode } from "react";
import { previewPolicy, type Policy } from "../../api/security.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Section } from "../../parts/page.tsx";
import { useRoles } from "../people/use-roles.ts";
import { entered, rulesFrom, type Entered } from "./entered-rules.ts";

const RulesPreview = lazy(() => import("./rules-preview.tsx"));

type Form = UseFormReturnType<Entered>;

/** The rules that are the organization's own; nothing is saved before it was shown whom it touches. */
export function RulesForm({ policy }: { readonly policy: Policy }): ReactNode {
  const { slug, may } = useHere();
  const form = useForm<Entered>({ initialValues: entered(policy) });
  const looking = useMutation({
    mutationFn: () => previewPolicy(slug, rulesFrom(form.values)),
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  const fixed = !may("security.change");
  return (
    <form onSubmit={form.onSubmit(() => looking.mutate())}>
      <FormProblem error={looking.error} />
      <fieldset disabled={fixed} style={{ border: 0, margin: 0, padding: 0 }}>
        <SecondFactorRules form={form} />
        <SessionRules form={form} />
        <NetworkRules form={form} />
      </fieldset>
      {!fixed && (
        <Button type="submit" mt="md" loading={looking.isPending} disabled={!form.isDirty()}>
          See whom it touches
        </Button>
      )}
      <Suspense fallback={null}>
        {looking.data !== undefined && (
          <RulesPreview
            rules={rulesFrom(form.values)}
            version={policy.version}
            preview={looking.data}
            onClose={() => looking.reset()}
          />
        )}
      </Suspense>
    </form>
  );
}

function SecondFactorRules({ form }: { readonly form: Form }): ReactNode {
  const roles = useRoles();
  return (
    <Section title="Second factor">
      <Radio.Group {...form.getInputProps("mfa")} aria-label="Who needs a second factor">
        <div className="rf-stack rf-stack--tight">
          <Radio value="nobody" label="Nobody has to have one" />
          <Radio value="some" label="Members with certain roles" />
          <Radio
            value="everybody"
            label="Everybody"
            description="A stolen password alone then opens nothing here."
          />
        </div>
      </Radio.Group>
      {form.values.mfa === "some" && (
        <Checkbox.Group {...form.getInputProps("mfaRoles")} aria-label="Roles that need a second factor">
          <div className="rf-row" style={{ margin: "8px 0 0 28px", flexWrap: "wrap" }}>
            {roles.map(({ name }) => (
              <Checkbox key={name} value={name} label={name} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {form.values.mfa !== "nobody" && (
        <TextInput
          mt="sm"
          w={220}
          type="number"
          min={0}
          max={90}
          label="Days of grace"
          description="To add one, for those who have none yet"
          {...form.getInputProps("mfaGraceDays")}
        />
      )}
    </Section>
  );
}

const spans = [
  { value: "", label: "As the installation has it" },
  { value: "900", label: "15 minutes" },
  { value: "3600", label: "An hour" },
  { value: "14400", label: "4 hours" },
  { value: "43200", label: "12 hours" },
  { value: "86400", label: "A day" },
  { value: "604800", label: "A week" },
];

function SessionRules({ form }: { readonly form: Form }): ReactNode {
  return (
    <Section title="Sessions">
      <div className="rf-form">
        <NativeSelect
          label="Over when idle for"
          data={withOwn(form.values.sessionIdleSeconds)}
          {...form.getInputProps("sessionIdleSeconds")}
        />
        <NativeSelect
          label="Over in any case after"
          data={withOwn(form.values.sessionMaxSeconds)}
          {...form.getInputProps("sessionMaxSeconds")}
        />
        <NativeSelect
          label="Good"
          data={[
            { value: "none", label: "From anywhere" },
            { value: "network", label: "Near the address where it was opened" },
            { value: "address", label: "Only from the address where it was opened" },
          ]}
          {...form.getInputProps("sessionBound")}
        />
      </div>
    </Section>
  );
}

/** A span that was set through the API stays choosable. */
function withOwn(seconds: string): { value: string; label: string }[] {
  const known = spans.some(({ value }) => value === seconds);
  return known ? spans : [...spans, { value: seconds, label: `${seconds} seconds` }];
}

function NetworkRules({ form }: { readonly form: Form }): ReactNode {
  return (
    <Section title="Networks">
      <Textarea
        label="The only networks to come from"
        description="One a line, such as 203.0.113.0/24 or 2001:db8::/32. Empty: from anywhere. A list without your own address is refused."
        autosize
        minRows={2}
        maxRows={12}
        {...form.getInputProps("networks")}
      />
    </Section>
  );
}
