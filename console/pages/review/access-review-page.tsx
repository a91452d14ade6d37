import { Button, Checkbox } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import {
  accessReviewExportPath,
  fetchAccessReview,
  type AccessReview,
  type SignOff,
} from "../../api/access-review.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { downloadProven } from "../../parts/download-proven.ts";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Status } from "../../parts/status.tsx";
import { GrantRow, InvitationRow, KeyRow, MemberRow, PublicKeyRow } from "./review-rows.tsx";
import { ReviewSection } from "./review-section.tsx";
import { flaggedCount, isFlagged } from "./review-words.ts";

const SignOffDialog = lazy(() => import("./sign-off-dialog.tsx"));

/** Everybody and everything that gets in, on one page, to be gone over and signed off. */
export function AccessReviewPage(): ReactNode {
  const { slug, may } = useHere();
  const [signing, setSigning] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "access-review"],
    queryFn: () => fetchAccessReview(slug),
    staleTime: 0,
  });
  const acts = data !== undefined && (
    <>
      <Button
        component="a"
        href={accessReviewExportPath(slug)}
        download
        onClick={downloadProven}
        variant="default"
        leftSection={<IconDownload size={16} />}
      >
        Download CSV
      </Button>
      {may("security.change") && <Button onClick={() => setSigning(true)}>Sign off</Button>}
    </>
  );
  return (
    <Page title="Access review" acts={acts === false ? undefined : acts}>
      <Column lead="Everybody and everything with access to this organization. Go over it every quarter, take away what nobody needs, and sign off: the audit log keeps who did, and when.">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={8} />}
        {data !== undefined && <Review review={data} />}
      </Column>
      <Suspense fallback={null}>
        {signing && data !== undefined && <SignOffDialog review={data} onClose={() => setSigning(false)} />}
      </Suspense>
    </Page>
  );
}

function Review({ review }: { readonly review: AccessReview }): ReactNode {
  const [onlyFlagged, setOnlyFlagged] = useState(false);
  const members = onlyFlagged ? review.members.filter(isFlagged) : review.members;
  const keys = onlyFlagged ? review.keys.filter(isFlagged) : review.keys;
  return (
    <>
      <Summary review={review} />
      <Checkbox
        mt="sm"
        label="Only what deserves a second look"
        checked={onlyFlagged}
        onChange={(event) => setOnlyFlagged(event.currentTarget.checked)}
      />
      <ReviewSection
        title="People"
        place="members"
        items={members.filter(({ kind }) => kind !== "service")}
        Row={MemberRow}
      />
      <ReviewSection
        title="Service accounts"
        place="service-accounts"
        items={members.filter(({ kind }) => kind === "service")}
        Row={MemberRow}
      />
      <ReviewSection title="Keys" place="keys" items={keys} Row={KeyRow} />
      {!onlyFlagged && (
        <>
          <ReviewSection
            title="Public keys"
            place="service-accounts"
            items={review.publicKeys}
            Row={PublicKeyRow}
          />
          <ReviewSection title="Invitations" place="members" items={review.invitations} Row={InvitationRow} />
        </>
      )}
      <ReviewSection title="Support access" place="support" items={review.supportGrants} Row={GrantRow} />
    </>
  );
}

function Summary({ review }: { readonly review: AccessReview }): ReactNode {
  const { formats } = useHere();
  const flagged = flaggedCount(review);
  return (
    <div className="rf-card rf-card--padded rf-stack rf-stack--tight">
      <LastSignOff signOff={review.lastSignOff} />
      <p>
        <Status tone={flagged === 0 ? "good" : "warn"}>
          {flagged === 0
            ? "Nothing deserves a second look"
            : `${formats.counted(flagged, "deserves", "deserve")} a second look`}
        </Status>
      </p>
    </div>
  );
}

function LastSignOff({ signOff }: { readonly signOff: SignOff | null }): ReactNode {
  const { formats } = useHere();
  if (signOff === null) return <p>Nobody has signed off yet.</p>;
  const { at, email, note, counts } = signOff;
  return (
    <>
      <p>
        Last signed off <Moment at={at} /> by <b>{email}</b>
      </p>
      {note !== null && <p>“{note}”</p>}
      <p className="rf-dim rf-small">
        Then there were {formats.counted(counts.members, "member")}, {formats.counted(counts.keys, "key")} and{" "}
        {formats.counted(counts.supportGrants, "grant")} of support access.
      </p>
    </>
  );
}
