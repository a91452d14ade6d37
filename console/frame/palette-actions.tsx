import { useMantineColorScheme } from "@mantine/core";
import {
  IconBuilding,
  IconDevices,
  IconFileImport,
  IconKeyboard,
  IconMoon,
  IconPlus,
  IconShieldLock,
  IconUser,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, type ReactNode } from "react";
import { searchEverything, type Hit } from "../api/search.ts";
import { useHere } from "./here.tsx";
import { rooms } from "./rooms.ts";

export interface PaletteAction {
  readonly id: string;
  readonly label: string;
  readonly detail?: string | undefined;
  readonly key?: string;
  readonly icon: ReactNode;
  readonly run: () => void;
}

export interface PaletteGroup {
  readonly title: string;
  readonly actions: readonly PaletteAction[];
}

/** Records that match, then actions, then pages; only what the person may do. */
export function usePaletteActions(query: string, onKeys: () => void): readonly PaletteGroup[] {
  const records = useRecordActions(useDeferredValue(query.trim()));
  const doing = useDoing(onKeys).filter((action) => matches(action, query));
  const pages = usePages().filter((action) => matches(action, query));
  return [
    { title: "Records", actions: records },
    { title: "Do", actions: doing },
    { title: "Go to", actions: pages },
  ].filter((group) => group.actions.length > 0);
}

/** Whether every word typed begins a word of the label. */
export function matches({ label }: Pick<PaletteAction, "label">, query: string): boolean {
  const words = label.toLowerCase().split(/\s+/u);
  return query
    .toLowerCase()
    .split(/\s+/u)
    .filter((part) => part !== "")
    .every((part) => words.some((word) => word.startsWith(part)));
}

function useRecordActions(query: string): readonly PaletteAction[] {
  const { slug, may } = useHere();
  const navigate = useNavigate();
  const kinds = { contacts: may("contact.read"), accounts: may("account.read") };
  const { data } = useQuery({
    queryKey: [slug, "search", query],
    queryFn: ({ signal }) => searchEverything(slug, query, kinds, signal),
    enabled: query.length >= 2,
    placeholderData: (before) => before,
    retry: false,
  });
  if (query.length < 2) return [];
  return (data ?? []).map((hit) => ({
    id: `${hit.kind}-${hit.id}`,
    label: hit.label,
    detail: hit.detail ?? undefined,
    icon: isAccount(hit) ? <IconBuilding size={17} /> : <IconUser size={17} />,
    run: () =>
      void navigate({
        to: isAccount(hit) ? "/o/$organization/accounts/$id" : "/o/$organization/contacts/$id",
        params: { organization: slug, id: hit.id },
      }),
  }));
}

function isAccount(hit: Hit): boolean {
  return hit.kind === "account";
}

function useDoing(onKeys: () => void): readonly PaletteAction[] {
  const { slug, may } = useHere();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const params = { organization: slug };
  const all: readonly (PaletteAction & { readonly needs?: string })[] = [
    {
      id: "new-contact",
      label: "New contact",
      needs: "contact.create",
      icon: <IconPlus size={17} />,
      run: () => void navigate({ to: "/o/$organization/contacts", params, search: { fresh: true } }),
    },
    {
      id: "new-account",
      label: "New account",
      needs: "account.create",
      icon: <IconPlus size={17} />,
      run: () => void navigate({ to: "/o/$organization/accounts", params, search: { fresh: true } }),
    },
    {
      id: "import",
      label: "Import a CSV file",
      needs: "import.create",
      icon: <IconFileImport size={17} />,
      run: () => void navigate({ to: "/o/$organization/imports/new", params }),
    },
    {
      id: "sessions",
      label: "Your sessions: end one",
      icon: <IconDevices size={17} />,
      run: () => void navigate({ to: "/o/$organization/sessions", params }),
    },
    {
      id: "own-security",
      label: "Your sign-in: password, passkeys, second factor",
      icon: <IconShieldLock size={17} />,
      run: () => void navigate({ to: "/o/$organization/own-security", params }),
    },
    { id: "dark", label: "Dark colours", icon: <IconMoon size={17} />, run: () => setColorScheme("dark") },
    { id: "light", label: "Light colours", icon: <IconMoon size={17} />, run: () => setColorScheme("light") },
    {
      id: "keys",
      label: "Keyboard shortcuts",
      icon: <IconKeyboard size={17} />,
      run: () => setTimeout(onKeys),
    },
  ];
  return all.filter(({ needs }) => needs === undefined || may(needs));
}

function usePages(): readonly PaletteAction[] {
  const { slug, may } = useHere();
  const navigate = useNavigate();
  return rooms
    .flatMap((group) => group.rooms)
    .filter((room) => may(room.needs))
    .map((room) => ({
      id: room.to,
      label: room.label,
      key: room.key,
      icon: <room.icon size={17} />,
      run: () => void navigate({ to: room.to, params: { organization: slug } }),
    }));
}
