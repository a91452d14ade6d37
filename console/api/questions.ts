/** Puts a question to the person; answers whether they did what it asks. */
export type Ask = () => Promise<boolean>;

/** Something that a request may have to wait for the person to do. */
export interface Question {
  /** Names the dialog that asks; without one the answer is no. */
  askWith(dialog: Ask | null): void;
  /** Asks once, however many requests are waiting for the same answer. */
  readonly ask: Ask;
}

/** Proving once more who one is. */
export const freshProof: Question = question();

/** Signing in again, after the session has ended in the middle of something. */
export const signInAgain: Question = question();

/** Adding a second factor, or showing the one that is there, since the organization asks for it. */
export const secondFactor: Question = question();

function question(): Question {
  let dialog: Ask | null = null;
  let asking: Promise<boolean> | null = null;
  return {
    askWith: (other) => {
      dialog = other;
    },
    ask: async () => {
      if (dialog === null) return false;
      asking ??= dialog().finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}
