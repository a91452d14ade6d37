import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchServiceAccount, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page, Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Chip } from "../../parts/status.tsx";
import { Answerable } from "./answerable.tsx";
import { PublicKeys } from "./public-keys.tsx";
import { ServiceKeys } from "./service-keys.tsx";

const AccountDialog = lazy(() => import("./account-dialog.tsx"));
const EndDialog = lazy(() => import("./end-dialog.tsx"));

/** One service account: what it may, who answers for it, and how it proves who it is. */
export function ServiceAccountPage(): ReactNode {
  const { slug, may, organization } = useHere();
  const { id } = useParams({ from: "/o/$organization/service-accounts/$id" });
  const [open, setOpen] = useState<"change" | "end" | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "service-accounts", id],
    queryFn: () => fetchServiceAccount(slug, id),
  });
  const close = (): void => setOpen(null);
  const acts = data !== undefined && may("member.change") && (
    <>
      <Button variant="default" color="red" onClick={() => setOpen("end")}>
        End it
      </Button>
      <Button onClick={() => setOpen("change")}>Change</Button>
    </>
  );
  return (
    <Page title={data?.name ?? "Service account"} acts={acts === false ? undefined : acts}>
      <Column>
        <p className="rf-small" style={{ marginBottom: 12 }}>
          <Link
            to="/o/$organization/service-accounts"
            params={{ organization: slug }}
            className="rf-row"
            style={{ width: "fit-content", gap: 4 }}
          >
            <IconArrowLeft size={14} aria-hidden /> All service accounts
          </Link>
        </p>
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={6} />}
        {data !== undefined && (
          <>
            <About account={data} />
            {organization.permissions.includes("key.read") && (
              <>
                <ServiceKeys account={data} />
                <PublicKeys account={data} />
              </>
            )}
          </>
        )}
      </Column>
      <Suspense fallback={null}>
        {open === "change" && data !== undefined && <AccountDialog account={data} onClose={close} />}
        {open === "end" && data !== undefined && <EndDialog account={data} onClose={close} />}
      </Suspense>
    </Page>
  );
}

function About({ account }: { readonly account: ServiceAccount }): ReactNode {
  const { formats } = useHere();
  const count = account.permissions.length;
  return (
    <Section title="What it may">
      <div className="rf-card rf-card__row">
        <div className="rf-grow" style={{ flexBasis: 260 }}>
          <p>
            <Answerable account={account} />
            {account.answerableId !== null && <span className="rf-dim"> ({account.answerableEmail})</span>}
          </p>
          <p className="rf-dim rf-small">
            Made <Moment at={account.createdAt} /> ·{" "}
            {account.lastSeenAt === null ? (
              "not seen yet"
            ) : (
              <>
                seen <Moment at={account.lastSeenAt} />
              </>
            )}
          </p>
        </div>
        <span className="rf-row rf-row--wrap">
          {account.roles.map((role) => (
            <Chip key={role}>{role}</Chip>
          ))}
        </span>
        <details className="rf-small" style={{ flexBasis: "100%" }}>
          <summary>{formats.counted(count, "permission")} right now</summary>
          <p className="rf-mono rf-dim" style={{ marginTop: 6 }}>
            {account.permissions.join(", ")}
          </p>
        </details>
      </div>
    </Section>
  );
}
