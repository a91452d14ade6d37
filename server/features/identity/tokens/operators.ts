import { type AddressFile, addressesIn, openAddressFile, type Reading, shownName } from "./address-file.ts";

/** Who runs the network that an address lies in. */
export interface Operator {
  /** Of the autonomous system (RFC 6793). */
  readonly number: number;
  /** Such as "Example Net (AS64500)". */
  readonly name: string;
}

/** Who runs an address's network, as far as a file says that was mounted. No request to other machines is ever made for it. */
export type Operators = AddressFile<Operator>;

/** Knows nobody. */
export const noOperators: Operators = () => null;

/** Reads `network,autonomous_system_number,autonomous_system_organization` lines. */
export async function openOperators(path: string | null): Promise<Operators> {
  return path === null ? noOperators : openAddressFile(path, reading);
}

/** The same from the lines themselves. */
export async function operatorsIn(lines: AsyncIterable<string> | Iterable<string>): Promise<Operators> {
  return addressesIn(lines, reading);
}

const reading: Reading<Operator> = {
  setting: "RINGFENCE_ASN_FILE",
  tell: ([system = "", ...organization]) => {
    const number = Number(/^(?:AS)?(\d{1,10})$/i.exec(system)?.[1]);
    // Networks that nobody announces stand in such lists under 0.
    if (!(number > 0 && number < 2 ** 32)) return null;
    const name = shownName(organization.join(", "));
    return {
      key: String(number),
      told: { number, name: name === "" ? `AS${number}` : `${name} (AS${number})` },
    };
  },
};
