import { useEffect, useState, useSyncExternalStore } from "react";

/** The dialogs that are open, the topmost last; each by what had the focus before it. */
let open: readonly { readonly before: Element | null }[] = [];
const listeners = new Set<() => void>();
/** What had the focus before the first of them. */
let opener: Element | null = null;

/**
 * Whether this dialog is the topmost, which alone hears Escape: else one press would close those below as well, with what
 * was typed in them. When the last one goes, what opened the first gets the focus back, or where that is gone the work, so
 * that a keyboard never starts from the top of the page again. Mantine does so only for dialogs that stay mounted.
 */
export function useTopDialog(): boolean {
  // While rendering, before the dialog takes the focus.
  const [self] = useState(() => ({ before: document.activeElement }));
  const top = useSyncExternalStore(subscribe, () => open.at(-1));
  useEffect(() => {
    if (open.length === 0 && self.before?.closest("[role=dialog]") === null) opener = self.before;
    set([...open, self]);
    return () => {
      set(open.filter((other) => other !== self));
      // Another dialog may follow in the same moment, and takes the focus itself.
      setTimeout(() => {
        if (open.length === 0 && isNowhere(document.activeElement)) focusOr(opener);
      });
    };
  }, [self]);
  return top === self;
}

function set(next: typeof open): void {
  open = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isNowhere(element: Element | null): boolean {
  return element === null || element === document.body || !element.isConnected;
}

function focusOr(element: Element | null): void {
  const before = element?.isConnected === true && element !== document.body ? element : null;
  for (const target of [before, document.querySelector("#main")]) {
    if (!(target instanceof HTMLElement)) continue;
    target.focus({ preventScroll: true });
    if (document.activeElement === target) return;
  }
}
