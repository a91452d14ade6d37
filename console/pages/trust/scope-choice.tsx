import type { ReactNode } from "react";
import { inReadingOrder, scopeWords } from "../../parts/scope-words.ts";
import { usePermissions } from "../people/use-roles.ts";
import { PermissionChoice } from "./permission-choice.tsx";

interface Props {
  /** What may be lent: nothing else is shown. */
  readonly offered: readonly string[];
  /** Asked of an organization, which decides by what its own people hold. */
  readonly asking?: boolean;
  readonly value: readonly string[];
  readonly onChange: (permissions: string[]) => void;
}

/** What a visit of the platform's staff may see, and change if it must. */
export function ScopeChoice({ offered, asking = false, value, onChange }: Props): ReactNode {
  const sentences = new Map(usePermissions().map(({ key, description }) => [key, description]));
  return (
    <div>
      <PermissionChoice
        label={asking ? "To" : "They may"}
        description="Never keys, sign-in, exports or erasure, nor to change members or roles"
        offered={inReadingOrder(offered).map((key) => ({
          key,
          description: sentences.get(key) ?? scopeWords([key]),
        }))}
        unheld={asking}
        value={value}
        onChange={onChange}
      />
      {value.includes("contact.read") && !value.includes("account.read") && (
        <p className="rf-dim rf-small" role="status">
          Contacts name their accounts: they stay closed to whoever may not see accounts.
        </p>
      )}
    </div>
  );
}
