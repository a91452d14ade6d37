/** The command was not written as it should be. The message may quote names of options, never their values. */
export class UsageFault extends Error {
  /** The command whose help is worth reading, or null for the list of all. */
  readonly command: string | null;

  constructor(message: string, command: string | null) {
    super(message);
    this.name = "UsageFault";
    this.command = command;
  }
}
