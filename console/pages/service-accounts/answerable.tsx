import type { ReactNode } from "react";
import type { ServiceAccount } from "../../api/service-accounts.ts";
import { Status } from "../../parts/status.tsx";

/** Who answers for a service account, or that nobody does and it therefore stands still. */
export function Answerable({
  account: { answerableId, answerableName },
}: {
  readonly account: Pick<ServiceAccount, "answerableId" | "answerableName">;
}): ReactNode {
  if (answerableId !== null) return <span className="rf-dim">{answerableName} answers for it</span>;
  return <Status tone="bad">Stands still: {answerableName} has left, and nobody answers for it</Status>;
}
