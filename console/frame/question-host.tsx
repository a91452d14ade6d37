import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { freshProof, secondFactor, signInAgain, type Question } from "../api/questions.ts";
import { somethingIsUnsaved } from "../parts/unsaved.ts";

const ProofDialog = lazy(() => import("./proof-dialog.tsx"));
const SecondFactorDialog = lazy(() => import("./second-factor-dialog.tsx"));
const SignInAgainDialog = lazy(() => import("./sign-in-again-dialog.tsx"));

/** Where the console asks for what a request waits for; the act goes on afterwards by itself, and nothing typed is lost. */
export function QuestionHost(): ReactNode {
  const [proof, settleProof] = useQuestion(freshProof, always);
  const [factor, settleFactor] = useQuestion(secondFactor, always);
  const [signIn, settleSignIn] = useQuestion(signInAgain, whileUnsaved);
  return (
    <Suspense fallback={null}>
      {factor && <SecondFactorDialog onSettled={settleFactor} />}
      {proof && <ProofDialog onSettled={settleProof} />}
      {signIn && <SignInAgainDialog onSettled={settleSignIn} />}
    </Suspense>
  );
}

const always = (): boolean => true;

/** Where nothing can be lost there is no reason to stay; nor for whoever has chosen to leave. */
const whileUnsaved = (declined: boolean): boolean => somethingIsUnsaved() && !declined;

function useQuestion(
  question: Question,
  isWorthAsking: (declined: boolean) => boolean,
): [asking: boolean, settle: (done: boolean) => void] {
  const [asking, setAsking] = useState(false);
  const answer = useRef<(done: boolean) => void>(() => undefined);
  const declined = useRef(false);
  useEffect(() => {
    question.askWith(async () => {
      if (!isWorthAsking(declined.current)) return false;
      return new Promise((resolve) => {
        answer.current = resolve;
        setAsking(true);
      });
    });
    return () => question.askWith(null);
  }, [question, isWorthAsking]);
  const settle = (done: boolean): void => {
    declined.current = !done;
    setAsking(false);
    answer.current(done);
  };
  return [asking, settle];
}
