import { Button } from "@mantine/core";
import { IconPlus, IconRobot } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchServiceAccounts, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { ShowMore } from "../../parts/show-more.tsx";
import { Chip } from "../../parts/status.tsx";
import { Answerable } from "./answerable.tsx";

const AccountDialog = lazy(() => import("./account-dialog.tsx"));

/** Members that are programs, and who answers for each. */
export function ServiceAccountsPage(): ReactNode {
  const { slug, may } = useHere();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const list = useInfiniteQuery({
    queryKey: [slug, "service-accounts"],
    queryFn: ({ pageParam }) => fetchServiceAccounts(slug, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const accounts = list.data?.pages.flatMap((page) => page.items);
  const empty = accounts?.length === 0;
  const make = may("member.change") ? (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      New service account
    </Button>
  ) : undefined;
  const show = ({ id }: ServiceAccount): void =>
    void navigate({ to: "/o/$organization/service-accounts/$id", params: { organization: slug, id } });
  return (
    <Page title="Service accounts" acts={empty ? undefined : make}>
      <Column lead="Members that are programs. They have no password and nobody signs in as them. Somebody answers for each, and it may never do more than that person.">
        {list.error !== null && <ProblemState error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Bones lines={4} />}
        {empty && (
          <EmptyState icon={<IconRobot size={22} />} title="No service accounts yet" acts={make}>
            A program should not work with somebody’s own key. As a service account it has a name of its own
            in the audit log, roles of its own, and somebody who answers for it.
          </EmptyState>
        )}
        {accounts !== undefined && !empty && (
          <ul className="rf-card">
            {accounts.map((account) => (
              <AccountRow key={account.id} account={account} />
            ))}
          </ul>
        )}
        <ShowMore list={list} />
      </Column>
      <Suspense fallback={null}>
        {making && <AccountDialog account={null} onClose={() => setMaking(false)} onSaved={show} />}
      </Suspense>
    </Page>
  );
}

function AccountRow({ account }: { readonly account: ServiceAccount }): ReactNode {
  const { slug } = useHere();
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>
          <Link
            to="/o/$organization/service-accounts/$id"
            params={{ organization: slug, id: account.id }}
            preload="intent"
          >
            {account.name}
          </Link>
        </p>
        <p className="rf-small">
          <Answerable account={account} />
        </p>
      </div>
      <span className="rf-row rf-row--wrap">
        {account.roles.map((role) => (
          <Chip key={role}>{role}</Chip>
        ))}
      </span>
      <span className="rf-dim rf-small" style={{ minWidth: 130 }}>
        {account.lastSeenAt === null ? (
          "Not seen yet"
        ) : (
          <>
            Seen <Moment at={account.lastSeenAt} />
          </>
        )}
      </span>
    </li>
  );
}
