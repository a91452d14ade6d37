/** The name of a field in the API, made from its label: "Renewal date" is renewal_date. */
export function fieldKey(label: string): string {
  const plain = label
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "_")
    .replace(/^[^a-z]+|_+$/gu, "")
    .slice(0, 41);
  return plain === "" ? "field" : plain;
}
