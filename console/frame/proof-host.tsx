import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { askForProofWith } from "../api/fresh-proof.ts";

const ProofDialog = lazy(() => import("./proof-dialog.tsx"));

/** Where the console asks again who somebody is, when what they do wants a fresh proof; the act goes on afterwards by itself. */
export function ProofHost(): ReactNode {
  const [asking, setAsking] = useState(false);
  const answer = useRef<(proven: boolean) => void>(() => undefined);
  useEffect(() => {
    askForProofWith(
      () =>
        new Promise((resolve) => {
          answer.current = resolve;
          setAsking(true);
        }),
    );
    return () => askForProofWith(null);
  }, []);
  if (!asking) return null;
  const settle = (proven: boolean): void => {
    setAsking(false);
    answer.current(proven);
  };
  return (
    <Suspense fallback={null}>
      <ProofDialog onSettled={settle} />
    </Suspense>
  );
}
