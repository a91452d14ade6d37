import { IconSelector } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";
import type { Organization } from "../api/auth.ts";

interface Props extends ComponentProps<"button"> {
  readonly organization: Organization;
}

/** The organization's name at the top of the rail; opens the others. */
export function OrganizationButton({ organization, className = "", ...rest }: Props): ReactNode {
  return (
    <button
      type="button"
      className={`rf-org ${className}`}
      aria-haspopup="menu"
      aria-label={`Organization ${organization.name}; switch`}
      {...rest}
    >
      <OrganizationMark name={organization.name} />
      <span className="rf-org__text">{organization.name}</span>
      <IconSelector size={15} className="rf-org__text" style={{ flex: "none" }} aria-hidden />
    </button>
  );
}

/** An organization's first letter. */
export function OrganizationMark({ name }: { readonly name: string }): ReactNode {
  return (
    <span className="rf-org__mark" aria-hidden>
      {name.trim().slice(0, 1).toUpperCase()}
    </span>
  );
}
