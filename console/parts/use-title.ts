import { useEffect } from "react";

/** Names the browser tab after what is on the screen. */
export function useTitle(...parts: readonly (string | undefined)[]): void {
  const title = [...parts, "Ringfence"].filter((part) => part !== undefined && part !== "").join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
