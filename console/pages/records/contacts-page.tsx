import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import type { ChangeSearch } from "./filter-menu-props.ts";
import { contactColumns } from "./record-columns.tsx";
import { contactSpec } from "./record-spec.ts";
import { RecordsPage } from "./records-page.tsx";
import { isStep, recordsSearch } from "./records-search.ts";

/** The people. */
export function ContactsPage(): ReactNode {
  const search = useSearch({ from: "/o/$organization/contacts" });
  const navigate = useNavigate({ from: "/o/$organization/contacts" });
  const onSearch = useCallback<ChangeSearch>(
    (change) =>
      void navigate({
        to: ".",
        search: (before) => recordsSearch({ ...before, ...change }),
        replace: !isStep(change),
      }),
    [navigate],
  );
  return (
    <RecordsPage
      title="Contacts"
      spec={contactSpec}
      columns={contactColumns}
      search={search}
      onSearch={onSearch}
    />
  );
}
