import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchServiceKeys, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { KeyList } from "../settings/key-list.tsx";

const ServiceKeyDialog = lazy(() => import("./service-key-dialog.tsx"));

/** The keys that a service account comes in with. */
export function ServiceKeys({ account }: { readonly account: ServiceAccount }): ReactNode {
  const { slug, may } = useHere();
  const [making, setMaking] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "keys", account.id],
    queryFn: () => fetchServiceKeys(slug, account.id),
  });
  return (
    <Section title="Keys">
      <p className="rf-dim" style={{ marginBottom: 8 }}>
        The program sends one with each request: <code>Authorization: Bearer …</code>
      </p>
      {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Bones lines={2} />}
      {data !== undefined && data.length > 0 && <KeyList keys={data} ofOne />}
      {may("member.change") && may("key.create") && (
        <Button
          variant="default"
          mt="sm"
          leftSection={<IconPlus size={16} />}
          onClick={() => setMaking(true)}
        >
          New key
        </Button>
      )}
      <Suspense fallback={null}>
        {making && <ServiceKeyDialog account={account} onClose={() => setMaking(false)} />}
      </Suspense>
    </Section>
  );
}
