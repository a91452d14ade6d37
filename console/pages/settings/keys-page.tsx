import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { endKey, fetchKeys, type Key } from "../../api/keys.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { SealedChip } from "../../parts/sealed-chip.tsx";
import { Chip } from "../../parts/status.tsx";

const KeyDialog = lazy(() => import("./key-dialog.tsx"));
const RerollDialog = lazy(() => import("./reroll-dialog.tsx"));

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
      <Column lead="A key acts as you, in this organization only, and never with more rights than you have yourself. When your rights shrink, so do your keys'.">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={4} />}
        {empty && (
          <EmptyState icon={<IconKey size={22} />} title="No keys yet" acts={make}>
            Programs sign in with a key instead of a password: <code>Authorization: Bearer …</code>. Give each
            program its own, so that you can end one without stopping the others.
          </EmptyState>
        )}
        {data !== undefined && !empty && (
          <ul className="rf-card">
            {data.items.map((key) => (
              <KeyRow key={key.id} item={key} />
            ))}
          </ul>
        )}
      </Column>
      <Suspense fallback={null}>{making && <KeyDialog onClose={() => setMaking(false)} />}</Suspense>
    </Page>
  );
}

function KeyRow({ item }: { readonly item: Key }): ReactNode {
  const { slug, may } = useHere();
  const [rerolling, setRerolling] = useState(false);
  const queryClient = useQueryClient();
  const ending = useMutation({
    mutationFn: () => endKey(slug, item.id),
    onSuccess: async () => {
      notify({ title: `Ended ${item.name}`, detail: "It is refused from its next request.", tone: "good" });
      await queryClient.invalidateQueries({ queryKey: [slug, "keys"] });
    },
    onError: (error) => notifyProblem(error, "The key could not be ended"),
  });
  const seen = item.lastSeenAt ?? null;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 200 }}>
        <p style={{ fontWeight: 600 }}>{item.name}</p>
        <p className="rf-dim rf-small">
          Made <Moment at={item.createdAt} />
          {item.personName !== undefined && item.personName !== null && ` by ${item.personName}`} ·{" "}
          {seen === null ? (
            "never used"
          ) : (
            <>
              used <Moment at={seen} />
            </>
          )}
        </p>
      </div>
      <SealedChip hint={item.hint === undefined || item.hint === null ? null : `…${item.hint}`} />
      <span className="rf-dim rf-small">
        {item.expiresAt === null ? (
          "Does not run out"
        ) : (
          <>
            Runs out <Moment at={item.expiresAt} />
          </>
        )}
      </span>
      {item.class !== undefined && item.class !== "personal" && <Chip>{item.class}</Chip>}
      {may("key.create") && (item.replacedBy ?? null) === null && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`A new key for ${item.name}`}
          onClick={() => setRerolling(true)}
        >
          Replace
        </Button>
      )}
      <Suspense fallback={null}>
        {rerolling && <RerollDialog item={item} onClose={() => setRerolling(false)} />}
      </Suspense>
      <Button
        variant="default"
        size="compact-sm"
        loading={ending.isPending}
        aria-label={`End the key ${item.name}`}
        onClick={() => ending.mutate()}
      >
        End
      </Button>
    </li>
  );
}
