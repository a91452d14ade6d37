import type { Import } from "../../api/imports.ts";

export interface Progress {
  /** 0 to 1, or null while the number of rows is not known. */
  readonly share: number | null;
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** How far a running import is; rate and remaining time only once there is enough to judge by. */
export function progressOf(
  { rowsDone, rowsTotal, startedAt }: Pick<Import, "rowsDone" | "rowsTotal" | "startedAt">,
  nowMs: number,
): Progress {
  const share = rowsTotal === null || rowsTotal === 0 ? null : Math.min(1, rowsDone / rowsTotal);
  const seconds = startedAt === null ? 0 : (nowMs - Date.parse(startedAt)) / 1000;
  if (seconds < 1 || rowsDone === 0) return { share, rowsPerSecond: null, secondsLeft: null };
  const rowsPerSecond = rowsDone / seconds;
  const left = rowsTotal === null ? null : Math.max(0, (rowsTotal - rowsDone) / rowsPerSecond);
  return { share, rowsPerSecond, secondsLeft: left };
}

/** A remaining time as people say it. */
export function remainingText(seconds: number): string {
  if (seconds < 1.5) return "a moment left";
  if (seconds < 60) return `${Math.round(seconds)} seconds left`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? "about a minute left" : `about ${minutes} minutes left`;
}

/** Whether something is going on that the screen should follow. */
export function isMoving({ state }: Pick<Import, "state">): boolean {
  return ["uploading", "checking", "running", "undoing"].includes(state);
}
