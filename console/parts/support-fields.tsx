import { NativeSelect, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactNode } from "react";

/** For how many hours, to choose from. */
export const visitLengths = [
  { value: "1", label: "An hour" },
  { value: "2", label: "2 hours" },
  { value: "8", label: "8 hours" },
  { value: "24", label: "A day" },
] as const;

/** As it is entered: why, under which number, for how long. */
export interface EnteredSupport {
  readonly reason: string;
  readonly reference: string;
  readonly hours: string;
}

export const nothingEntered: EnteredSupport = { reason: "", reference: "", hours: "2" };

/** The same as the server takes it, from either side. */
export function supportFrom({ reason, reference, hours }: EnteredSupport): {
  readonly reason: string;
  readonly hours: number;
  readonly reference?: string;
} {
  return {
    reason: reason.trim(),
    hours: Number(hours),
    ...(reference.trim() === "" ? {} : { reference: reference.trim() }),
  };
}

interface Props<Form extends EnteredSupport> {
  readonly form: UseFormReturnType<Form>;
  readonly reasonHint: string;
}

/** What a visit of the platform's staff is for and how long it may take, whichever side begins. */
export function SupportFields<Form extends EnteredSupport>({ form, reasonHint }: Props<Form>): ReactNode {
  return (
    <>
      <TextInput
        label="What for"
        description={reasonHint}
        required
        maxLength={500}
        {...form.getInputProps("reason")}
      />
      <TextInput label="Number of the support case" maxLength={200} {...form.getInputProps("reference")} />
      <NativeSelect label="For" data={[...visitLengths]} {...form.getInputProps("hours")} />
    </>
  );
}
