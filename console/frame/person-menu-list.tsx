import { Menu, useMantineColorScheme } from "@mantine/core";
import {
  IconCheck,
  IconDevices,
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconShieldLock,
  IconSun,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { signOut } from "../api/auth.ts";
import { notifyProblem } from "../parts/notify.tsx";
import { Status } from "../parts/status.tsx";
import { useHere } from "./here.tsx";
import { PersonButton } from "./person-button.tsx";
import { useUnseenNotices } from "./use-unseen-notices.ts";

const schemes = [
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
  { value: "auto", label: "As the system", icon: IconDeviceDesktop },
] as const;

/** You: where you are signed in, light or dark, and the way out. */
export default function PersonMenuList(): ReactNode {
  const { me, slug, formats } = useHere();
  const navigate = useNavigate();
  const leave = useLeave();
  const unseen = useUnseenNotices();
  return (
    <Menu
      position="bottom-end"
      width={232}
      withInitialFocusPlaceholder={false}
      defaultOpened
      withinPortal={false}
    >
      <Menu.Target>
        <PersonButton name={me.person.name} unseen={unseen} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.person.name}
          <br />
          {me.person.email}
        </Menu.Label>
        <Menu.Item
          leftSection={<IconDevices size={16} />}
          onClick={() => void navigate({ to: "/o/$organization/sessions", params: { organization: slug } })}
        >
          Your sessions
        </Menu.Item>
        <Menu.Item
          leftSection={<IconShieldLock size={16} />}
          rightSection={unseen > 0 ? <Status tone="accent">{formats.number(unseen)} new</Status> : null}
          onClick={() =>
            void navigate({ to: "/o/$organization/own-security", params: { organization: slug } })
          }
        >
          Your sign-in
        </Menu.Item>
        <Menu.Divider />
        <SchemeItems />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeItems(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return schemes.map((scheme) => (
    <Menu.Item
      key={scheme.value}
      leftSection={<scheme.icon size={16} />}
      rightSection={colorScheme === scheme.value ? <IconCheck size={15} aria-label="Chosen" /> : null}
      onClick={() => setColorScheme(scheme.value)}
    >
      {scheme.label}
    </Menu.Item>
  ));
}

function useLeave(): () => void {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { mutate } = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      queryClient.clear();
    },
    onError: (error) => notifyProblem(error, "Signing out did not work"),
  });
  return () => mutate();
}
