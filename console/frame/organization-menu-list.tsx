import { Menu } from "@mantine/core";
import { IconCheck, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useHere } from "./here.tsx";
import { OrganizationButton, OrganizationMark } from "./organization-button.tsx";

/** The organizations that the person belongs to; switching changes the address and so everything else. */
export default function OrganizationMenuList({ inDialog }: { readonly inDialog: boolean }): ReactNode {
  const { me, organization } = useHere();
  const navigate = useNavigate();
  const go = (slug: string): void =>
    void navigate({ to: "/o/$organization/contacts", params: { organization: slug } });
  return (
    <Menu
      position="bottom-start"
      width={240}
      withInitialFocusPlaceholder={false}
      withinPortal={false}
      floatingStrategy={inDialog ? "absolute" : "fixed"}
      defaultOpened
    >
      <Menu.Target>
        <OrganizationButton organization={organization} />
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
