import { useEffect, useRef } from "react";

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/**
 * Single keys and `g x` sequences for the whole page.
 *
 * Silent while the person types, while a dialog or menu is open, and with Ctrl, Alt or Meta, so that no browser or
 * screen-reader shortcut is taken (WCAG 2.1.4: `useKeys` can be switched off in the keyboard sheet).
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let prefix = "";
    const onKey = (event: KeyboardEvent): void => {
      if (!listening(event)) return;
      const name = prefix + nameOf(event);
      prefix = prefix === "" && event.key === "g" ? "g " : "";
      const act = latest.current[name];
      if (act === undefined) return;
      event.preventDefault();
      act(event);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

const storageKey = "ringfence.keys-off";

/** Whether the person switched single-key shortcuts off. */
export function keysAreOff(): boolean {
  return localStorage.getItem(storageKey) === "1";
}

/** Switches single-key shortcuts off or on, for this browser. */
export function setKeysOff(off: boolean): void {
  if (off) localStorage.setItem(storageKey, "1");
  else localStorage.removeItem(storageKey);
}

function nameOf(event: KeyboardEvent): string {
  return event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
}

function listening(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) return false;
  if (document.querySelector('[role="dialog"][aria-modal="true"], [role="menu"]') !== null) return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return true;
  if (target.isContentEditable || target.closest("[role=listbox], [role=menu]") !== null) return false;
  if (target instanceof HTMLInputElement) return target.type === "checkbox" || target.type === "radio";
  return !(target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement);
}
