import "@mantine/core/styles/Alert.css";
import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchPolicy } from "../../api/security.ts";
import { useHere } from "../../frame/here.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { Connections } from "./connections.tsx";
import { Directories } from "./directories.tsx";
import { Domains } from "./domains.tsx";
import { Enforcement } from "./enforcement.tsx";
import { RulesForm } from "./rules-form.tsx";

/** Who gets into the organization, and how: second factors, sessions, networks, single sign-on, directories. */
export function SecurityPage(): ReactNode {
  const { slug } = useHere();
  const { tested } = useSearch({ from: "/o/$organization/security" });
  const policy = useQuery({ queryKey: [slug, "security"], queryFn: () => fetchPolicy(slug) });
  return (
    <Page title="Who gets in">
      <Column lead="What this organization asks of everybody who signs in, whatever their role. A change holds from their next request.">
        {tested !== undefined && (
          <Alert color="green" variant="light" mb="md" title="The connection works">
            Your identity provider said who you are, and it matched. You can switch the connection on.
          </Alert>
        )}
        <Loaded query={policy} lines={8}>
          {(data) => <RulesForm policy={data} />}
        </Loaded>
        <Domains />
        <Connections />
        <Enforcement />
        <Directories />
      </Column>
    </Page>
  );
}
