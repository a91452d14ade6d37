import "@mantine/core/styles/Alert.css";
import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem-error.ts";
import { ProblemCode, TheWayIn } from "./problem-state.tsx";

/** Why a form was refused, above its fields; what the fields themselves show is not repeated. */
export function FormProblem({ error }: { readonly error: unknown }): ReactNode {
  if (error === null || error === undefined) return null;
  const problem = asProblem(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={problem.message} mb="sm">
      <div className="rf-stack rf-stack--tight">
        {problem.key === "version-conflict"
          ? "What you entered is still here. Save once more to put it in the place of theirs, or close this to see theirs."
          : problem.detail}
        <TheWayIn problem={problem} />
        {problem.status !== 0 && problem.status !== 401 && problem.status !== 422 && (
          <ProblemCode problem={problem} />
        )}
      </div>
    </Alert>
  );
}
