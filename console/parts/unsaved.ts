import { useEffect } from "react";

let open = 0;

/** Whether something is on the screen that somebody may have typed and would lose by leaving it. */
export function somethingIsUnsaved(): boolean {
  return open > 0;
}

/** Counts this part of the screen as holding something unsaved, while it does. */
export function useUnsaved(holds: boolean): void {
  useEffect(() => {
    if (!holds) return undefined;
    open += 1;
    return () => {
      open -= 1;
    };
  }, [holds]);
}
