import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import {
  endPublicKey,
  fetchPublicKeys,
  type PublicKey,
  type ServiceAccount,
} from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Moment } from "../../parts/moment.tsx";
import { notify } from "../../parts/notify.tsx";
import { Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Chip } from "../../parts/status.tsx";

const PublicKeyDialog = lazy(() => import("./public-key-dialog.tsx"));

/** Public keys, by which a service account proves itself without any secret being kept here. */
export function PublicKeys({ account }: { readonly account: ServiceAccount }): ReactNode {
  const { slug, may } = useHere();
  const [adding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "public-keys", account.id],
    queryFn: () => fetchPublicKeys(slug, account.id),
  });
  return (
    <Section title="Public keys">
      <p className="rf-dim" style={{ marginBottom: 8 }}>
        The program signs an assertion with a key that never leaves it, and gets a token for it at{" "}
        <code>/auth/service-token</code>
      </p>
      {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Bones lines={2} />}
      {data !== undefined && data.items.length > 0 && (
        <ul className="rf-card">
          {data.items.map((item) => (
            <PublicKeyRow key={item.id} item={item} account={account} />
          ))}
        </ul>
      )}
      {may("member.change") && may("key.create") && (
        <Button
          variant="default"
          mt="sm"
          leftSection={<IconPlus size={16} />}
          onClick={() => setAdding(true)}
        >
          Add a public key
        </Button>
      )}
      <Suspense fallback={null}>
        {adding && <PublicKeyDialog account={account} onClose={() => setAdding(false)} />}
      </Suspense>
    </Section>
  );
}

function PublicKeyRow({
  item,
  account,
}: {
  readonly item: PublicKey;
  readonly account: ServiceAccount;
}): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const ending = useMutation({
    mutationFn: () => endPublicKey(slug, item.id),
    onSuccess: async () => {
      notify({ title: `Ended ${item.name}`, detail: "Its tokens ended with it.", tone: "good" });
      setAsking(false);
      await queryClient.invalidateQueries({ queryKey: [slug, "public-keys", account.id] });
    },
  });
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{item.name}</p>
        <p className="rf-dim rf-small">
          <span className="rf-mono" title="Thumbprint (RFC 7638)">
            {item.thumbprint}
          </span>{" "}
          <CopyButton text={item.thumbprint} what="the thumbprint" />
        </p>
        <p className="rf-dim rf-small">
          Added <Moment at={item.createdAt} />
          {item.madeBy !== null && ` by ${item.madeBy}`} ·{" "}
          {item.usedAt === null ? (
            "never used"
          ) : (
            <>
              used <Moment at={item.usedAt} />
            </>
          )}
        </p>
      </div>
      <Chip>{item.alg}</Chip>
      <span className="rf-dim rf-small">
        {item.expiresAt === null ? (
          "Does not run out"
        ) : (
          <>
            Runs out <Moment at={item.expiresAt} />
          </>
        )}
      </span>
      {may("key.end") && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`End the public key ${item.name}`}
          onClick={() => setAsking(true)}
        >
          End
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={`End the public key ${item.name}?`}
          act="End it"
          error={ending.error}
          pending={ending.isPending}
          onConfirm={() => ending.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>Nothing signed with its private key is accepted any more, and its tokens end at once.</p>
        </ConfirmDialog>
      )}
    </li>
  );
}
