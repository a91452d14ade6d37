import { Button } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    fetchNextPage(): Promise<unknown>;
  };
  readonly children?: string;
}

/** Fetches the next page of a list; not there when there is none. */
export function ShowMore({ list, children = "Show more" }: Props): ReactNode {
  if (!list.hasNextPage) return null;
  return (
    <Button
      variant="default"
      mt="sm"
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {children}
    </Button>
  );
}
