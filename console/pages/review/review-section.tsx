import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState, type ComponentType, type ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { Section } from "../../parts/page.tsx";

interface Props<Item> {
  readonly title: string;
  readonly items: readonly Item[];
  readonly Row: ComponentType<{ readonly item: Item }>;
  /** Where each of them is changed or ended. */
  readonly place: "members" | "service-accounts" | "keys" | "support";
}

const atFirst = 50;
const places = {
  members: "Change in Members",
  "service-accounts": "Change in Service accounts",
  keys: "End in API keys",
  support: "End in Support access",
} as const;

/** One kind of access with its count; long ones begin short, so that the whole page stays a page. */
export function ReviewSection<Item extends { readonly id: string }>({
  title,
  items,
  Row,
  place,
}: Props<Item>): ReactNode {
  const { slug, formats } = useHere();
  const aside = (
    <Link to={`/o/$organization/${place}`} params={{ organization: slug }} className="rf-small">
      {places[place]}
    </Link>
  );
  const [all, setAll] = useState(false);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, atFirst);
  return (
    <Section title={`${title} (${formats.number(items.length)})`} aside={aside}>
      <ul className="rf-card">
        {shown.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
      {shown.length < items.length && (
        <Button variant="default" mt="sm" onClick={() => setAll(true)}>
          Show all {formats.number(items.length)}
        </Button>
      )}
    </Section>
  );
}
