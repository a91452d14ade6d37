/** What a notice in the corner says. */
export interface Toast {
  readonly title: string;
  readonly detail?: string | undefined;
  readonly tone?: "plain" | "good" | "bad";
  /** One way back; shown as a button, and the toast stays ten seconds for it. */
  readonly undo?: () => void;
}
