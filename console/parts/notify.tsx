import { lazy, Suspense, useSyncExternalStore, type ReactNode } from "react";
import { asProblem } from "../api/problem-error.ts";
import type { Toast } from "./toast.ts";

const Toasts = lazy(() => import("./toasts.tsx"));
const listeners = new Set<() => void>();
let wanted = false;

/** Tells the person what just happened, in a corner, without taking the focus. */
export function notify(toast: Toast): void {
  wanted = true;
  for (const listener of listeners) listener();
  void import("./toasts.tsx").then(({ show }) => show(toast));
}

/** Tells why something did not work, with the code and request id to copy. */
export function notifyProblem(error: unknown, what: string): void {
  const problem = asProblem(error);
  const reference =
    problem.requestId === undefined ? problem.key : `${problem.key}, request ${problem.requestId}`;
  notify({ title: what, detail: `${problem.sentence} (${reference})`, tone: "bad" });
}

/** Where toasts appear; loads their code only when the first one is shown. */
export function ToastHost(): ReactNode {
  const mounted = useSyncExternalStore(subscribe, () => wanted);
  if (!mounted) return null;
  return (
    <Suspense fallback={null}>
      <Toasts />
    </Suspense>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
