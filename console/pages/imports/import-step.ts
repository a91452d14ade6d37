import type { Import } from "../../api/imports.ts";

export type Act = "check" | "start" | "cancel" | "undo";

/** What every step of an import is given. */
export interface StepProps {
  readonly one: Import;
  readonly busy: boolean;
  readonly onAct: (act: Act) => void;
}
