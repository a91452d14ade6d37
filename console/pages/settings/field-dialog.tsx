import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { createField, type FieldType } from "../../api/organization.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { fieldKey } from "./field-key.ts";

const types: readonly { readonly value: FieldType; readonly label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "date", label: "Date" },
  { value: "boolean", label: "Yes or no" },
  { value: "choice", label: "One of a list" },
];

/** Declares a field. */
export default function FieldDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [label, setLabel] = useState("");
  const [of, setOf] = useState<"contact" | "account">("contact");
  const [type, setType] = useState<FieldType>("text");
  const [options, setOptions] = useState("");
  const adding = useMutation({
    mutationFn: () =>
      createField(slug, {
        of,
        key: fieldKey(label),
        label: label.trim(),
        type,
        options: type === "choice" ? linesOf(options) : [],
      }),
    onSuccess: async () => {
      notify({ title: `Added the field ${label.trim()}`, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "fields"] });
    },
  });
  const faults = adding.error === null ? {} : faultsByField(asProblem(adding.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <Dialog title="Add a field" onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={adding.error} />
        <TextInput
          label="Name"
          description={
            label.trim() === "" ? "As people will read it" : `In the API: custom.${fieldKey(label)}`
          }
          required
          maxLength={100}
          data-autofocus
          value={label}
          error={faults["label"] ?? faults["key"]}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <NativeSelect
          label="Belongs to"
          data={[
            { value: "contact", label: "Contacts" },
            { value: "account", label: "Accounts" },
          ]}
          value={of}
          onChange={(event) => setOf(event.currentTarget.value === "account" ? "account" : "contact")}
        />
        <NativeSelect
          label="Kind"
          data={[...types]}
          value={type}
          onChange={(event) =>
            setType(types.find(({ value }) => value === event.currentTarget.value)?.value ?? "text")
          }
        />
        {type === "choice" && (
          <Textarea
            label="Choices"
            description="One a line"
            required
            rows={4}
            value={options}
            error={faults["options"]}
            onChange={(event) => setOptions(event.currentTarget.value)}
          />
        )}
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={adding.isPending}>
            Add the field
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

function linesOf(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter((line) => line !== "");
}
