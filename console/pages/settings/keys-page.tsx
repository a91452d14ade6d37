import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchKeys } from "../../api/keys.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { KeyList } from "./key-list.tsx";

const KeyDialog = lazy(() => import("./key-dialog.tsx"));

/** API keys: made here, shown once, ended here. */
export function KeysPage(): ReactNode {
  const { slug, may } = useHere();
  const [making, setMaking] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: [slug, "keys"], queryFn: () => fetchKeys(slug) });
  const make = may("key.create") ? (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      New key
    </Button>
  ) : undefined;
  const empty = data?.items.length === 0;
  return (
    <Page title="API keys" acts={empty ? undefined : make}>
      <Column lead="A key acts as you, in this organization only, and can never do more than you can.">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={4} />}
        {empty && (
          <EmptyState icon={<IconKey size={22} />} title="No keys yet" acts={make}>
            Programs sign in with a key instead of a password: <code>Authorization: Bearer …</code>. Give each
            program its own, so that you can end one without stopping the others.
          </EmptyState>
        )}
        {data !== undefined && !empty && <KeyList keys={data.items} />}
      </Column>
      <Suspense fallback={null}>{making && <KeyDialog onClose={() => setMaking(false)} />}</Suspense>
    </Page>
  );
}
