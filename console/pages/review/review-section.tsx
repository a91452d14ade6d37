import { Button } from "@mantine/core";
import { useState, type ComponentType, type ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { Section } from "../../parts/page.tsx";

interface Props<Item> {
  readonly title: string;
  readonly items: readonly Item[];
  readonly Row: ComponentType<{ readonly item: Item }>;
}

const atFirst = 50;

/** One kind of access with its count; long ones begin short, so that the whole page stays a page. */
export function ReviewSection<Item extends { readonly id: string }>({
  title,
  items,
  Row,
}: Props<Item>): ReactNode {
  const { formats } = useHere();
  const [all, setAll] = useState(false);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, atFirst);
  return (
    <Section title={`${title} (${formats.number(items.length)})`}>
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
