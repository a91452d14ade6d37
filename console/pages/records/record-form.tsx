import "../../parts/page.css";
import "./record.css";
import { Button } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { FieldInput } from "./field-input.tsx";
import type { FieldSpec } from "./record-spec.ts";
import type { Draft } from "./record-values.ts";

interface Props {
  readonly fields: readonly FieldSpec[];
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly error: unknown;
  readonly saving: boolean;
  readonly submitLabel: string;
  readonly notice?: ReactNode;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
}

/** The fields of a record to fill in, in groups; faults that the server found stand beside their fields. */
export function RecordForm(props: Props): ReactNode {
  const { fields, draft, onDraft, error, saving, submitLabel, notice, onSubmit, onCancel } = props;
  const [touched] = useState(() => new Set<string>());
  const faults = error === null ? {} : faultsByField(asProblem(error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    touched.clear();
    onSubmit();
  };
  const groups = [...new Set(fields.map((field) => field.group))];
  return (
    <form className="rf-record__form" onSubmit={submit} noValidate={false}>
      <div className="rf-record__fields">
        {notice}
        <FormProblem error={error} />
        {groups.map((group) => (
          <fieldset key={group} className="rf-record__group">
            <legend>{group}</legend>
            <div className="rf-form">
              {fields
                .filter((field) => field.group === group)
                .map((field) => (
                  <div key={field.key} className={field.wide === true ? "rf-form__wide" : undefined}>
                    <FieldInput
                      field={field}
                      value={draft[field.key]}
                      error={touched.has(field.key) ? undefined : faults[field.key]}
                      onChange={(value) => {
                        touched.add(field.key);
                        onDraft({ ...draft, [field.key]: value });
                      }}
                    />
                  </div>
                ))}
            </div>
          </fieldset>
        ))}
      </div>
      <div className="rf-record__acts">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={saving}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
