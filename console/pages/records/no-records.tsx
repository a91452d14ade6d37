import { Button } from "@mantine/core";
import { IconArchive, IconBuilding, IconFileImport, IconSearchOff, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import type { ChangeSearch } from "./filter-menu-props.ts";
import type { RecordSpec } from "./record-spec.ts";
import { filterCount, type RecordsSearch } from "./records-search.ts";

interface Props {
  readonly spec: RecordSpec;
  readonly search: RecordsSearch;
  readonly onSearch: ChangeSearch;
}

/** An empty list: because nothing matches, because the archive is empty, or because this is the beginning. */
export function NoRecords({ spec, search, onSearch }: Props): ReactNode {
  if (search.archived === true && search.q === undefined)
    return <EmptyArchive spec={spec} onSearch={onSearch} />;
  if (search.q !== undefined || filterCount(search) > 0) return <NoMatch spec={spec} onSearch={onSearch} />;
  return <Beginning spec={spec} onSearch={onSearch} />;
}

function NoMatch({ spec, onSearch }: Omit<Props, "search">): ReactNode {
  const none = {
    q: undefined,
    stage: undefined,
    ownerId: undefined,
    accountId: undefined,
    source: undefined,
    tag: undefined,
    archived: undefined,
  };
  const clear = (
    <Button variant="default" onClick={() => onSearch(none)}>
      Clear search and filters
    </Button>
  );
  return (
    <EmptyState icon={<IconSearchOff size={22} />} title={`No ${spec.many} match`} acts={clear}>
      Names are found by the beginning of any word, e-mail addresses by their start or domain, numbers by
      their digits.
    </EmptyState>
  );
}

function EmptyArchive({ spec, onSearch }: Omit<Props, "search">): ReactNode {
  const back = (
    <Button variant="default" onClick={() => onSearch({ archived: undefined })}>
      Back to all {spec.many}
    </Button>
  );
  return (
    <EmptyState icon={<IconArchive size={22} />} title="The archive is empty" acts={back}>
      What you archive is kept here for 30 days and can be restored. After that it is erased for good.
    </EmptyState>
  );
}

function Beginning({ spec, onSearch }: Omit<Props, "search">): ReactNode {
  const { slug, may } = useHere();
  const contacts = spec.kind === "contacts";
  const acts = may(`${spec.resource}.create`) ? (
    <>
      <Button
        leftSection={<IconFileImport size={16} />}
        renderRoot={(props) => (
          <Link to="/o/$organization/imports/new" params={{ organization: slug }} {...props} />
        )}
      >
        Import a CSV file
      </Button>
      <Button variant="default" onClick={() => onSearch({ fresh: true })}>
        Add one by hand
      </Button>
    </>
  ) : undefined;
  return (
    <EmptyState
      icon={contacts ? <IconUsers size={22} /> : <IconBuilding size={22} />}
      title={contacts ? "The people you do business with" : "The companies you do business with"}
      acts={acts}
    >
      {contacts
        ? "Bring them over from Salesforce, HubSpot, Outlook or Google as a CSV file: columns are recognised, you see a dry run first, and an import can be undone. Only members of this organization can ever see them."
        : "Accounts group contacts by the company they work for. Importing contacts creates their accounts along the way, or bring a list of your own."}
    </EmptyState>
  );
}
