import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import type { ChangeSearch } from "./filter-menu-props.ts";
import { accountColumns } from "./record-columns.tsx";
import { accountSpec } from "./record-spec.ts";
import { RecordsPage } from "./records-page.tsx";
import { isStep, recordsSearch } from "./records-search.ts";

/** The companies. */
export function AccountsPage(): ReactNode {
  const search = useSearch({ from: "/o/$organization/accounts" });
  const navigate = useNavigate({ from: "/o/$organization/accounts" });
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
      title="Accounts"
      spec={accountSpec}
      columns={accountColumns}
      search={search}
      onSearch={onSearch}
    />
  );
}
