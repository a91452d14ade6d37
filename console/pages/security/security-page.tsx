import "@mantine/core/styles/Alert.css";
import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchPolicy } from "../../api/security.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Connections } from "./connections.tsx";
import { Directories } from "./directories.tsx";
import { Domains } from "./domains.tsx";
import { Enforcement } from "./enforcement.tsx";
import { RulesForm } from "./rules-form.tsx";

/** Who gets into the organization, and how: second factors, sessions, networks, single sign-on, directories. */
export function SecurityPage(): ReactNode {
  const { slug } = useHere();
  const { tested } = useSearch({ from: "/o/$organization/security" });
  const { data, error, refetch } = useQuery({
    queryKey: [slug, "security"],
    queryFn: () => fetchPolicy(slug),
  });
  return (
    <Page title="Who gets in">
      <Column lead="What this organization asks of whoever comes in, beside their role. PostgreSQL asks it of every request, so a change holds from everybody's next one.">
        {tested !== undefined && (
          <Alert color="teal" variant="light" mb="md" title="The connection works">
            Your identity provider said who you are, and it matched. You can switch the connection on.
          </Alert>
        )}
        {error !== null && <ProblemState error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Bones lines={8} />}
        {data !== undefined && (
          <>
            <RulesForm key={data.version} policy={data} />
            <Domains />
            <Connections />
            <Enforcement />
            <Directories />
          </>
        )}
      </Column>
    </Page>
  );
}
