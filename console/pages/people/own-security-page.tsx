import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { fetchOwnSecurity, type OwnSecurity } from "../../api/own-security.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Column, Page, Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Status } from "../../parts/status.tsx";
import { BackupCodes } from "./backup-codes.tsx";
import { Factors } from "./factors.tsx";
import { Notices } from "./notices.tsx";
import { OwnOrganizations } from "./own-organizations.tsx";
import { OwnSupport } from "./own-support.tsx";

const PasswordDialog = lazy(() => import("./password-dialog.tsx"));
const EmailDialog = lazy(() => import("./email-dialog.tsx"));

/** How the person gets in, in one place: second factors first, since they are what a stolen password is stopped by. */
export function OwnSecurityPage(): ReactNode {
  const { data, error, refetch } = useQuery({ queryKey: ["own-security"], queryFn: fetchOwnSecurity });
  return (
    <Page title="Your sign-in">
      <Column lead="The same in every organization that you belong to. You get a mail about each change.">
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={6} />}
        {data !== undefined && (
          <>
            <Summary security={data} />
            <Factors security={data} />
            <BackupCodes security={data} />
            <PasswordAndAddress security={data} />
            <SessionsAndKeys />
            <OwnOrganizations />
            <Notices />
            <OwnSupport />
          </>
        )}
      </Column>
    </Page>
  );
}

function Summary({ security: { factors } }: { readonly security: OwnSecurity }): ReactNode {
  return (
    <p>
      {factors.length > 0 ? (
        <Status tone="good">A stolen password alone opens nothing: a second factor is asked for.</Status>
      ) : (
        <Status tone="warn">
          Your password alone opens your account. Add a passkey or an authenticator app.
        </Status>
      )}
    </p>
  );
}

function PasswordAndAddress({ security }: { readonly security: OwnSecurity }): ReactNode {
  const { me } = useHere();
  const [open, setOpen] = useState<"password" | "email" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <Section title="Password and address">
      <ul className="rf-card">
        <li className="rf-card__row">
          <div className="rf-grow" style={{ flexBasis: 180 }}>
            <p style={{ fontWeight: 600 }}>Password</p>
            <p className="rf-dim rf-small">
              <PasswordAge security={security} />
            </p>
          </div>
          {security.password.set && (
            <Button variant="default" size="compact-sm" onClick={() => setOpen("password")}>
              Change the password
            </Button>
          )}
        </li>
        <li className="rf-card__row">
          <div className="rf-grow" style={{ flexBasis: 180 }}>
            <p style={{ fontWeight: 600 }}>E-mail</p>
            <p className="rf-dim rf-small">{me.person.email}</p>
          </div>
          <Button variant="default" size="compact-sm" onClick={() => setOpen("email")}>
            Change the address
          </Button>
        </li>
      </ul>
      <Suspense fallback={null}>
        {open === "password" && <PasswordDialog onClose={close} />}
        {open === "email" && <EmailDialog onClose={close} />}
      </Suspense>
    </Section>
  );
}

function SessionsAndKeys(): ReactNode {
  const { slug, may } = useHere();
  return (
    <Section title="Sessions and keys">
      <ul className="rf-card">
        <li className="rf-card__row">
          <Link to="/o/$organization/sessions" params={{ organization: slug }}>
            Where you are signed in
          </Link>
        </li>
        {may("key.read") && (
          <li className="rf-card__row">
            <Link to="/o/$organization/keys" params={{ organization: slug }}>
              API keys
            </Link>
          </li>
        )}
      </ul>
    </Section>
  );
}

function PasswordAge({ security: { password } }: { readonly security: OwnSecurity }): ReactNode {
  if (!password.set) return "None: you come in another way";
  if (password.changedAt === null || password.changedAt === undefined) return "Set";
  return (
    <>
      Set <Moment at={password.changedAt} />
    </>
  );
}
