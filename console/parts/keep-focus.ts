/**
 * Keeps the keyboard where it was. A button that is disabled while it works loses the focus, and gets it back; where its row
 * is gone afterwards, the list that it was in gets it.
 */
export function keepFocus(): void {
  let focused: Element | null = null;
  let homes: readonly (Element | null | undefined)[] = [];
  document.addEventListener("focusin", ({ target }) => {
    focused = target instanceof Element ? target.closest("button, a") : null;
    homes = [focused?.closest("li")?.parentElement, focused?.closest("section"), focused?.closest("main")];
  });
  // Whoever uses the mouse has not lost anything.
  document.addEventListener("pointerdown", () => {
    focused = null;
  });
  new MutationObserver(() => {
    if (focused === null || document.activeElement !== document.body || isWorking(focused)) return;
    const target = [focused, ...homes].find((one) => one?.isConnected === true);
    if (target instanceof HTMLElement) focusOn(target);
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-loading"] });
}

function isWorking(element: Element): boolean {
  return element.isConnected && element.hasAttribute("disabled");
}

function focusOn(target: HTMLElement): void {
  if (!target.matches("button, a, [tabindex]")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
