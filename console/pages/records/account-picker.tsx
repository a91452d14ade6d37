import { Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type ReactNode } from "react";
import { fetchRecord, fetchRecords } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import type { InputProps } from "./input-props.ts";

/** Finds an account by name while typing. */
export function AccountPicker({ field, value, error, onChange }: InputProps): ReactNode {
  const { slug } = useHere();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const chosen = typeof value === "string" && value !== "" ? value : null;
  const found = useQuery({
    queryKey: [slug, "accounts", "pick", q],
    queryFn: ({ signal }) =>
      fetchRecords(slug, "accounts", q === "" ? { limit: 20, sort: "name" } : { limit: 20, q }, signal),
    placeholderData: keepPreviousData,
  });
  const present = useQuery({
    queryKey: [slug, "accounts", "one", chosen],
    queryFn: () => fetchRecord(slug, "accounts", chosen ?? ""),
    enabled: chosen !== null,
  });
  const names = new Map((found.data?.items ?? []).map((account) => [account.id, account.name]));
  if (present.data !== undefined) names.set(present.data.id, present.data.name);
  return (
    <Select
      label={field.label}
      error={error}
      data={[...names].map(([id, label]) => ({ value: id, label }))}
      value={chosen}
      onChange={(id) => onChange(id ?? "")}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      searchable
      clearable
      nothingFoundMessage="No account has this name"
      placeholder="None"
      clearButtonProps={{ "aria-label": "No account" }}
    />
  );
}
