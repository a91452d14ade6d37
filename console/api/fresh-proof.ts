/** Asks the person to prove once more who they are; answers whether they did. */
export type AskForProof = () => Promise<boolean>;

let ask: AskForProof | null = null;
let asking: Promise<boolean> | null = null;

/** Names the dialog that asks; a screen without one lets the refusal through. */
export function askForProofWith(dialog: AskForProof | null): void {
  ask = dialog;
}

/** Asks once, however many requests are waiting for the same proof. */
export async function freshProof(): Promise<boolean> {
  if (ask === null) return false;
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}
