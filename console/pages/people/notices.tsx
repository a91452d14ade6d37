import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { fetchNotices, seeNotices, type Notice } from "../../api/notices.ts";
import { useHere } from "../../frame/here.tsx";
import { unseenNotices } from "../../frame/use-unseen-notices.ts";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { ShowMore } from "../../parts/show-more.tsx";
import { Status } from "../../parts/status.tsx";
import { deviceName } from "./device-name.ts";
import { isAlarming, noticeText, unusualIn } from "./notice-words.ts";

const pageSize = 5;

/** What happened to the person's account, the newest first; to show it is to have it seen. */
export function Notices(): ReactNode {
  const list = useInfiniteQuery({
    queryKey: ["notices", "list"],
    queryFn: ({ pageParam }) => fetchNotices(pageParam === undefined ? pageSize : 50, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // What is new stays marked as such while the person reads.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const [first] = list.data?.pages ?? [];
  useSeen(first?.unseen === 0 ? undefined : first?.items[0]?.id);
  const notices = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="What happened lately">
      {list.error !== null && <ProblemState error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Bones lines={3} />}
      {list.data !== undefined && notices.length === 0 && (
        <p className="rf-dim">
          Nothing yet. New devices, new keys, changes of your password and support access will stand here.
        </p>
      )}
      {notices.length > 0 && (
        <ul className="rf-card">
          {notices.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} />
          ))}
        </ul>
      )}
      <ShowMore list={list}>Show older</ShowMore>
    </Section>
  );
}

function useSeen(upTo: string | undefined): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (upTo === undefined) return;
    // Not told, it is told the next time; nobody needs to hear of that.
    seeNotices(upTo).then(
      () => queryClient.invalidateQueries(unseenNotices),
      () => undefined,
    );
  }, [upTo, queryClient]);
}

function NoticeRow({ notice }: { readonly notice: Notice }): ReactNode {
  const { me, slug, formats } = useHere();
  const known = me.organizations.find((one) => one.slug === notice.organization);
  const where = known?.name ?? notice.organization ?? "your account";
  const unusual = unusualIn(notice);
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 260 }}>
        <p style={{ fontWeight: notice.seen ? 400 : 600 }}>{noticeText(notice, where, formats)}</p>
        {unusual !== "" && notice.kind === "unusual-sign-in" && (
          <p className="rf-small">It came {unusual}.</p>
        )}
        <p className="rf-dim rf-small">
          <Moment at={notice.at} />
          {fromWhere(notice)}
        </p>
      </div>
      {!notice.seen && <Status tone="accent">New</Status>}
      {isAlarming(notice) && !notice.seen && (
        <Link to="/o/$organization/sessions" params={{ organization: slug }} className="rf-small">
          Not you? Your sessions
        </Link>
      )}
    </li>
  );
}

function fromWhere({ place, ip, device, kind, details }: Notice): string {
  const operator = typeof details["operator"] === "string" ? details["operator"] : null;
  const parts = [place, operator, ip, device === null || kind === "new-device" ? null : deviceName(device)];
  return parts.map((part) => (part === null ? "" : ` · ${part}`)).join("");
}
