import { Button } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Column, Page, Section } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { ShowMore } from "../../parts/show-more.tsx";
import { Emergencies, EmergenciesUnderWay } from "./emergencies.tsx";
import { GrantRow } from "./grant-row.tsx";
import { useGrants } from "./use-grants.ts";

const GrantDialog = lazy(() => import("./grant-dialog.tsx"));

/** The platform's staff in this organization: by a grant of its own, for a reason and a while; and whether there is any other way. */
export function SupportPage(): ReactNode {
  const { may } = useHere();
  const [giving, setGiving] = useState(false);
  const grants = useGrants(false);
  const emergencies = useGrants(true);
  const give = may("support.grant") ? (
    <Button onClick={() => setGiving(true)}>Let somebody in</Button>
  ) : undefined;
  const empty = grants.items?.length === 0;
  return (
    <Page title="Support access" acts={empty ? undefined : give}>
      <Column lead="The platform’s staff come in when you let them. Whatever they ask to see and whatever they change stands in your own audit log, as does a look at your outbox by whoever runs the servers. Whether two of them may come in without you, in an emergency, is for you to say.">
        <EmergenciesUnderWay grants={emergencies} />
        <Section title="With your consent">
          {grants.list.error !== null && (
            <ProblemState error={grants.list.error} retry={() => void grants.list.refetch()} />
          )}
          {grants.items === undefined && grants.list.error === null && <Bones lines={4} />}
          {empty && (
            <EmptyState icon={<IconLifebuoy size={22} />} title="Nobody was ever let in" acts={give}>
              When you need help, name who may come in, for how many hours and to what: to see records, as
              long as you say no more. They never export or erase, nor see keys or how people get in, and you
              can end it at any moment.
            </EmptyState>
          )}
          {grants.items !== undefined && !empty && (
            <ul className="rf-card">
              {grants.items.map((grant) => (
                <GrantRow key={grant.id} grant={grant} />
              ))}
            </ul>
          )}
          <ShowMore list={grants.list}>Show older</ShowMore>
        </Section>
        <Emergencies grants={emergencies} />
      </Column>
      <Suspense fallback={null}>{giving && <GrantDialog onClose={() => setGiving(false)} />}</Suspense>
    </Page>
  );
}
