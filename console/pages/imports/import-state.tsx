import type { ReactNode } from "react";
import type { ImportState } from "../../api/imports.ts";
import { Status, type Tone } from "../../parts/status.tsx";

const words: Readonly<Record<ImportState, readonly [Tone, string]>> = {
  uploading: ["accent", "Uploading"],
  uploaded: ["accent", "Waiting for your mapping"],
  checking: ["accent", "Checking"],
  checked: ["accent", "Checked, not started"],
  running: ["accent", "Running"],
  done: ["good", "Done"],
  cancelled: ["neutral", "Cancelled"],
  failed: ["bad", "Failed"],
  undoing: ["warn", "Being undone"],
  undone: ["neutral", "Undone"],
};

/** Where an import stands, in words. */
export function ImportStatus({ state }: { readonly state: ImportState }): ReactNode {
  const [tone, word] = words[state];
  return <Status tone={tone}>{word}</Status>;
}
