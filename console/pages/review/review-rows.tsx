import type { ReactNode } from "react";
import type {
  ReviewedGrant,
  ReviewedInvitation,
  ReviewedKey,
  ReviewedMember,
  ReviewedPublicKey,
} from "../../api/access-review.ts";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Chip, Status } from "../../parts/status.tsx";
import { factorWords, reasonsIn } from "./review-words.ts";

/** A person or a program with membership. */
export function MemberRow({ item }: { readonly item: ReviewedMember }): ReactNode {
  const isProgram = item.kind === "service";
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{item.name}</p>
        <p className="rf-dim rf-small">
          {isProgram ? item.answerable !== null && `${item.answerable} answers for it` : item.email}
        </p>
        <p className="rf-dim rf-small">
          Since <Moment at={item.since} /> · <Seen at={item.lastSeenAt} never="never seen" word="seen" />
        </p>
        <Reasons flags={item.flags} fine={isProgram ? null : factorWords(item)} />
      </div>
      <span className="rf-row rf-row--wrap">
        {item.roles.map((role) => (
          <Chip key={role}>{role}</Chip>
        ))}
      </span>
    </li>
  );
}

/** A key, and who made it for whom. */
export function KeyRow({ item }: { readonly item: ReviewedKey }): ReactNode {
  const { formats } = useHere();
  const { permissions, networks } = item;
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>
          {item.name ?? "Without a name"}{" "}
          {item.hint !== null && (
            <span className="rf-dim rf-mono" style={{ fontWeight: 400 }}>
              …{item.hint}
            </span>
          )}
        </p>
        <p className="rf-dim rf-small">
          Of {item.owner}
          {item.madeBy !== null && item.madeBy !== item.owner && `, made by ${item.madeBy}`}
        </p>
        <p className="rf-dim rf-small">
          Made <Moment at={item.createdAt} /> · <Seen at={item.lastSeenAt} never="never used" word="used" />
          {item.expiresAt !== null && (
            <>
              {" "}
              · runs out <Moment at={item.expiresAt} />
            </>
          )}
        </p>
        <p className="rf-dim rf-small">
          {permissions !== null && permissionCount(permissions.length, formats.number)}
          {permissions !== null && networks !== null && " · "}
          {networks !== null && `only from ${networks.join(", ")}`}
        </p>
        <Reasons flags={item.flags} fine={null} />
      </div>
      <Chip>{item.class}</Chip>
    </li>
  );
}

/** A public key of a service account. */
export function PublicKeyRow({ item }: { readonly item: ReviewedPublicKey }): ReactNode {
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{item.name}</p>
        <p className="rf-dim rf-small">
          Of {item.owner}
          {item.madeBy !== null && `, made by ${item.madeBy}`}
        </p>
        <p className="rf-dim rf-small">
          Added <Moment at={item.createdAt} /> · <Seen at={item.lastSeenAt} never="never used" word="used" />
        </p>
        <p className="rf-dim rf-mono">{item.thumbprint}</p>
      </div>
      <Chip>{item.alg}</Chip>
    </li>
  );
}

/** An invitation that nobody has accepted yet. */
export function InvitationRow({ item }: { readonly item: ReviewedInvitation }): ReactNode {
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{item.email}</p>
        <p className="rf-dim rf-small">
          Not accepted yet · runs out <Moment at={item.expiresAt} />
        </p>
      </div>
      <span className="rf-row rf-row--wrap">
        {item.roles.map((role) => (
          <Chip key={role}>{role}</Chip>
        ))}
      </span>
    </li>
  );
}

/** One of the platform's staff who may come in. */
export function GrantRow({ item }: { readonly item: ReviewedGrant }): ReactNode {
  return (
    <li className="rf-card__row">
      <div className="rf-grow" style={{ flexBasis: 220 }}>
        <p style={{ fontWeight: 600 }}>{item.email}</p>
        <p className="rf-small">{item.reason}</p>
        <p className="rf-dim rf-small">
          {item.until !== null && (
            <>
              Ends <Moment at={item.until} /> ·{" "}
            </>
          )}
          <Seen at={item.firstUsedAt} never="never used" word="first used" />
        </p>
      </div>
    </li>
  );
}

function Seen({
  at,
  never,
  word,
}: {
  readonly at: string | null;
  readonly never: string;
  readonly word: string;
}): ReactNode {
  if (at === null) return never;
  return (
    <>
      {word} <Moment at={at} />
    </>
  );
}

/** What deserves a second look; or, where there is something to say for it, that it is fine. */
function Reasons({
  flags,
  fine,
}: {
  readonly flags: readonly string[];
  readonly fine: string | null;
}): ReactNode {
  const reasons = reasonsIn(flags);
  if (reasons.length === 0 && fine === null) return null;
  return (
    <ul className="rf-row rf-row--wrap rf-small" style={{ gap: "2px 14px", marginTop: 2 }}>
      {reasons.length === 0 ? (
        <li>
          <Status tone="good">{fine}</Status>
        </li>
      ) : (
        reasons.map((reason) => (
          <li key={reason}>
            <Status tone="warn">{reason}</Status>
          </li>
        ))
      )}
    </ul>
  );
}

function permissionCount(count: number, number: (value: number) => string): string {
  return count === 1 ? "1 permission" : `${number(count)} permissions`;
}
