import { Menu } from "@mantine/core";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useHere } from "./here.tsx";

/** Which organization this is, and the way to the others; switching changes the address and so everything else. */
export function OrganizationMenu({ inDialog }: { readonly inDialog: boolean }): ReactNode {
  const { me, organization } = useHere();
  const navigate = useNavigate();
  const go = (slug: string): void =>
    void navigate({ to: "/o/$organization/contacts", params: { organization: slug } });
  return (
    <Menu position="bottom-start" width={240} withInitialFocusPlaceholder={false} withinPortal={!inDialog}>
      <Menu.Target>
        <button type="button" className="rf-org" aria-label={`Organization ${organization.name}; switch`}>
          <OrganizationMark name={organization.name} />
          <span className="rf-org__text">{organization.name}</span>
          <IconSelector size={15} className="rf-org__text" style={{ flex: "none" }} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Your organizations</Menu.Label>
        {me.organizations.map((other) => (
          <Menu.Item
            key={other.slug}
            leftSection={<OrganizationMark name={other.name} />}
            rightSection={
              other.slug === organization.slug ? <IconCheck size={15} aria-label="You are here" /> : null
            }
            onClick={() => go(other.slug)}
          >
            {other.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconPlus size={16} />}
          onClick={() => void navigate({ to: "/organizations/new" })}
        >
          Open another organization
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function OrganizationMark({ name }: { readonly name: string }): ReactNode {
  return (
    <span className="rf-org__mark" aria-hidden>
      {name.trim().slice(0, 1).toUpperCase()}
    </span>
  );
}
