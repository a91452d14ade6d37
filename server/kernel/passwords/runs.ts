const rows = [
  "1234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "yxcvbnm",
  "azertyuiop",
  "qsdfghjklm",
  "wxcvbn",
];
const columns = ["1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol"];
const order = [...rows, ...columns];

const neighbours = new Set(order.flatMap((row) => pairsOf(row)));

/**
 * How many characters from `start` on continue one movement: the same key, the alphabet or the digits up or down,
 * or neighbours in a row of keys either way. At least 1.
 */
export function runLength(characters: readonly string[], start: number): number {
  let end = start + 1;
  let possible = ["same", "up", "down", "keys"];
  for (; end < characters.length; end += 1) {
    const here = movements(characters[end - 1] ?? "", characters[end] ?? "");
    possible = possible.filter((movement) => here.includes(movement));
    if (possible.length === 0) break;
  }
  return end - start;
}

/** The same for two runs that alternate: `q1w2e3r4`, `112233`, `010203`. */
export function zipLength(characters: readonly string[], start: number): number {
  const rest = characters.slice(start);
  const [one, other] = [0, 1].map((parity) => rest.filter((_, index) => index % 2 === parity));
  return 2 * Math.min(runLength(one ?? [], 0), runLength(other ?? [], 0));
}

function movements(from: string, to: string): string[] {
  const distance = (to.codePointAt(0) ?? 0) - (from.codePointAt(0) ?? 0);
  const alphanumeric = /^[a-z0-9]{2}$/.test(from + to);
  return [
    ...(distance === 0 ? ["same"] : []),
    ...(alphanumeric && distance === 1 ? ["up"] : []),
    ...(alphanumeric && distance === -1 ? ["down"] : []),
    ...(neighbours.has(from + to) ? ["keys"] : []),
  ];
}

function pairsOf(row: string): string[] {
  const keys = [...row];
  return keys.slice(1).flatMap((key, index) => [`${keys[index]}${key}`, `${key}${keys[index]}`]);
}
