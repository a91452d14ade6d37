import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { signOffAccessReview, type AccessReview } from "../../api/access-review.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { flaggedCount } from "./review-words.ts";

interface Props {
  readonly review: AccessReview;
  readonly onClose: () => void;
}

/** Says that everything was gone over, with a note for whoever asks later. */
export default function SignOffDialog({ review, onClose }: Props): ReactNode {
  const { slug, formats } = useHere();
  const queryClient = useQueryClient();
  const [note, setNote] = useState("");
  const flagged = flaggedCount(review);
  const signing = useMutation({
    mutationFn: () => signOffAccessReview(slug, note),
    onSuccess: async () => {
      notify({ title: "Signed off", detail: "It stands in the audit log, under your name.", tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "access-review"] });
    },
  });
  const faults = signing.error === null ? {} : faultsByField(asProblem(signing.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signing.mutate();
  };
  return (
    <Dialog title="Sign off the review" onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={signing.error} />
        <p>
          You say that you have gone over {formats.counted(review.members.length, "member")},{" "}
          {formats.counted(review.keys.length + review.publicKeys.length, "key")} and{" "}
          {formats.counted(review.supportGrants.length, "grant")} of support access, and that they are as they
          should be, or will be.
          {flagged > 0 &&
            ` ${formats.counted(flagged, "of them deserves", "of them deserve")} a second look.`}
        </p>
        <Textarea
          label="Note"
          description="What you changed, or why something stays as it is"
          autosize
          minRows={3}
          maxLength={1000}
          data-autofocus
          value={note}
          error={faults["note"]}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={signing.isPending}>
            Sign off
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
