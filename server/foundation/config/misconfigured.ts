/** One thing that the operator must mend: which variable or file, and what is wrong with it. Never its value. */
export interface Misstep {
  readonly name: string;
  readonly fault: string;
}

/** The installation cannot start as it is set up; carries every fault at once, by name and never by value. */
export class Misconfigured extends Error {
  readonly faults: readonly Misstep[];

  constructor(faults: readonly Misstep[]) {
    super(faults.map(({ name, fault }) => `${name} ${fault}`).join("\n"));
    this.name = "Misconfigured";
    this.faults = faults;
  }
}
