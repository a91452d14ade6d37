import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fetchAuditEvents } from "../../api/audit.ts";
import { changeMember, fetchMembers, type Member } from "../../api/members.ts";
import { isProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { notify } from "../../parts/notify.tsx";

/** What somebody else has made of the roles while they were being chosen here. */
export interface MemberConflict {
  readonly mine: readonly string[];
  readonly theirs: readonly string[];
  /** Null where the person may not read the audit log. */
  readonly by: string | null;
}

/**
 * One change of a member's roles, of the version that was shown when it began: whatever others did since is never written over
 * unseen. When somebody was faster (412) the person decides, and what they chose is still there.
 */
export function useMemberEdit(opened: Member, onDone: () => void) {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const [base, setBase] = useState(opened);
  const [chosen, setChosen] = useState<readonly string[]>(opened.roles);
  const [conflict, setConflict] = useState<MemberConflict | null>(null);
  const meet = async (): Promise<void> => {
    const query = { resourceType: "member", resourceId: base.id, action: "change", limit: 1 };
    const [members, events] = await Promise.all([
      fetchMembers(slug),
      may("audit.read") ? fetchAuditEvents(slug, query) : null,
    ]);
    queryClient.setQueryData([slug, "members"], members);
    const theirs = members.items.find(({ id }) => id === base.id);
    // Removed meanwhile: saving again says so.
    if (theirs === undefined) return;
    setBase(theirs);
    // Something else about them has changed, which this does not touch.
    if (sameRoles(theirs.roles, base.roles)) return saving.mutate(theirs);
    setConflict({ mine: chosen, theirs: theirs.roles, by: events?.items[0]?.actorEmail ?? null });
  };
  const saving = useMutation({
    mutationFn: (of: Member) => changeMember(slug, of, chosen),
    onSuccess: async () => {
      notify({ title: "Roles changed", tone: "good" });
      onDone();
      await queryClient.invalidateQueries({ queryKey: [slug, "members"] });
      await queryClient.invalidateQueries({ queryKey: ["me"] });
    },
    onError: async (error) => {
      if (isProblem(error, "version-conflict")) await meet();
    },
  });
  const answered = conflict !== null && isProblem(saving.error, "version-conflict");
  return {
    chosen,
    setChosen,
    conflict,
    changed: !sameRoles(chosen, base.roles),
    save: () => saving.mutate(base),
    saving: saving.isPending,
    error: answered ? null : saving.error,
  };
}

/** Whether both are the same roles, in whatever order. */
export function sameRoles(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}
