import "@mantine/core/styles/Radio.css";
import "@mantine/core/styles/Alert.css";
import { Alert, Button, Checkbox, NativeSelect, Radio, Textarea, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { previewPolicy, type Policy } from "../../api/security.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Section } from "../../parts/page.tsx";
import { useUnsaved } from "../../parts/unsaved.ts";
import { useRoles } from "../people/use-roles.ts";
import { entered, rulesFrom, type Entered } from "./entered-rules.ts";

const RulesPreview = lazy(() => import("./rules-preview.tsx"));

type Form = UseFormReturnType<Entered>;

/** The rules that are the organization's own; they follow what others change, unless something was entered here. */
export function RulesForm({ policy }: { readonly policy: Policy }): ReactNode {
  const [base, setBase] = useState(policy);
  const [dirty, setDirty] = useState(false);
  const isOther = policy.version > base.version;
  if (isOther && !dirty) setBase(policy);
  return (
    <Rules
      key={base.version}
      base={base}
      latest={policy}
      theirs={isOther && dirty}
      onTake={setBase}
      onDirty={setDirty}
    />
  );
}

interface RulesProps {
  /** What the form began with. */
  readonly base: Policy;
  readonly latest: Policy;
  /** Whether the latest are somebody else's, while something was entered here. */
  readonly theirs: boolean;
  readonly onTake: (policy: Policy) => void;
  readonly onDirty: (dirty: boolean) => void;
}

/** Nothing is saved before it was shown whom it touches. */
function Rules({ base, latest, theirs, onTake, onDirty }: RulesProps): ReactNode {
  const { slug, may } = useHere();
  const form = useForm<Entered>({
    initialValues: entered(base),
    validate: {
      mfaRoles: (chosen, { mfa }) =>
        mfa === "some" && chosen.length === 0 ? "Choose at least one role" : null,
    },
  });
  const dirty = form.isDirty();
  useUnsaved(dirty);
  useEffect(() => onDirty(dirty), [dirty, onDirty]);
  const looking = useMutation({
    mutationFn: () => previewPolicy(slug, rulesFrom(form.values)),
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  const fixed = !may("security.change");
  return (
    <form onSubmit={form.onSubmit(() => looking.mutate())}>
      <FormProblem error={looking.error} />
      {theirs && (
        <Alert color="yellow" variant="light" mb="md" title="Somebody changed these rules meanwhile">
          <p>What you entered is still here. To save it puts it in the place of theirs.</p>
          <Button variant="default" size="compact-sm" mt="xs" onClick={() => onTake(latest)}>
            Take theirs
          </Button>
        </Alert>
      )}
      <fieldset disabled={fixed} style={{ border: 0, margin: 0, padding: 0 }}>
        <SecondFactorRules form={form} />
        <WayRules form={form} />
        <SessionRules form={form} />
        <NetworkRules form={form} />
      </fieldset>
      {!fixed && (
        <Button type="submit" mt="md" loading={looking.isPending} disabled={!dirty}>
          See who is affected
        </Button>
      )}
      <Suspense fallback={null}>
        {looking.data !== undefined && (
          <RulesPreview
            rules={rulesFrom(form.values)}
            version={latest.version}
            preview={looking.data}
            onSaved={onTake}
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
          <Radio value="nobody" label="Not required" />
          <Radio value="some" label="Required of members with certain roles" />
          <Radio
            value="everybody"
            label="Required of everybody"
            description="A stolen password alone then gets nobody in."
          />
        </div>
      </Radio.Group>
      {form.values.mfa === "some" && (
        <Checkbox.Group {...form.getInputProps("mfaRoles")} aria-label="Roles that need a second factor">
          <div className="rf-row rf-row--wrap" style={{ margin: "8px 0 0 28px", gap: "8px 16px" }}>
            {roles.map(({ name, label }) => (
              <Checkbox key={name} value={name} label={label ?? name} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {form.values.mfa !== "nobody" && (
        <>
          <TextInput
            mt="sm"
            w={220}
            type="number"
            min={0}
            max={90}
            label="Days to add one"
            description="For those who have none yet"
            {...form.getInputProps("mfaGraceDays")}
          />
          <Checkbox
            mt="sm"
            label="Members may have a browser remembered"
            description="It is then not asked for there for 30 days, except before dangerous acts."
            {...form.getInputProps("rememberedDevices", { type: "checkbox" })}
          />
        </>
      )}
    </Section>
  );
}

/** What is ticked here is closed: no session that was opened so is taken. */
function WayRules({ form }: { readonly form: Form }): ReactNode {
  return (
    <Section title="Ways in">
      <Checkbox.Group {...form.getInputProps("closedWays")} aria-label="Ways in that are closed">
        <div className="rf-stack rf-stack--tight">
          <Checkbox
            value="password"
            label="Nobody comes in with a password"
            description="Members sign in by a passkey, a link by mail, or single sign-on."
          />
          <Checkbox
            value="link"
            label="Nobody comes in with a link by mail"
            description="Whoever reads a mailbox then gets nobody in."
          />
        </div>
      </Checkbox.Group>
    </Section>
  );
}

const spans = [
  { value: "", label: "Default of this installation" },
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
          label="End when idle for"
          data={withOwn(form.values.sessionIdleSeconds)}
          {...form.getInputProps("sessionIdleSeconds")}
        />
        <NativeSelect
          label="End in any case after"
          data={withOwn(form.values.sessionMaxSeconds)}
          {...form.getInputProps("sessionMaxSeconds")}
        />
        <NativeSelect
          label="Can be used"
          data={[
            { value: "none", label: "From anywhere" },
            { value: "network", label: "Only from the same network" },
            { value: "address", label: "Only from the same address" },
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
        label="Allowed networks"
        description="One a line, such as 203.0.113.0/24 or 2001:db8::/32. Leave it empty to allow any. A list without your own address is refused."
        autosize
        minRows={2}
        maxRows={12}
        {...form.getInputProps("networks")}
      />
    </Section>
  );
}
