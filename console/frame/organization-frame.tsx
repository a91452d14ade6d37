import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Bones } from "../parts/bones.tsx";
import { ProblemState } from "../parts/problem-state.tsx";
import { Frame } from "./frame.tsx";
import { HereProvider } from "./here.tsx";
import { meQuery } from "./queries.ts";
import { Nowhere } from "./route-states.tsx";

/** Everything under `/o/:organization`; an organization that the person is no member of looks like one that is not there. */
export function OrganizationFrame(): ReactNode {
  const { organization: slug } = useParams({ from: "/o/$organization" });
  const { data: me, error, refetch } = useQuery({ ...meQuery, refetchInterval: 20_000 });
  if (me === undefined) {
    return error === null ? <Bones /> : <ProblemState error={error} retry={() => void refetch()} />;
  }
  const organization = me.organizations.find((one) => one.slug === slug);
  if (organization === undefined) return <Nowhere />;
  return (
    <HereProvider key={slug} me={me} organization={organization}>
      <Frame />
    </HereProvider>
  );
}
