/** Which columns a person sees, in which order and how wide; kept in this browser for each person and table. */
export interface ColumnChoice {
  readonly order: readonly string[];
  readonly hidden: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

export interface ColumnFacts {
  readonly id: string;
  readonly hiddenAtFirst?: boolean;
}

/** The choice before anybody chose. */
export function defaultChoice(columns: readonly ColumnFacts[]): ColumnChoice {
  return {
    order: columns.map((column) => column.id),
    hidden: columns.filter((column) => column.hiddenAtFirst === true).map((column) => column.id),
    widths: {},
  };
}

/** Reads a saved choice; columns that came since are put at the end, those that went are forgotten, nonsense is the default. */
export function readChoice(saved: string | null, columns: readonly ColumnFacts[]): ColumnChoice {
  const standard = defaultChoice(columns);
  const raw = parsed(saved);
  if (raw === null) return standard;
  const known = new Set(standard.order);
  const order = [...new Set(textsOf(raw["order"]).filter((id) => known.has(id)))];
  const fresh = standard.order.filter((id) => !order.includes(id));
  return {
    order: [...order, ...fresh],
    hidden: [
      ...textsOf(raw["hidden"]).filter((id) => known.has(id)),
      ...fresh.filter((id) => standard.hidden.includes(id)),
    ],
    widths: widthsOf(raw["widths"], known),
  };
}

/** Moves a column to where another one is. */
export function moveColumn(order: readonly string[], from: string, to: string): string[] {
  const target = order.indexOf(to);
  if (from === to || target < 0 || !order.includes(from)) return [...order];
  const rest = order.filter((id) => id !== from);
  return [...rest.slice(0, target), from, ...rest.slice(target)];
}

/** A width that stays usable. */
export function clampWidth(width: number): number {
  return Math.min(640, Math.max(64, Math.round(width)));
}

function parsed(saved: string | null): Record<string, unknown> | null {
  if (saved === null) return null;
  try {
    const value: unknown = JSON.parse(saved);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function widthsOf(value: unknown, known: ReadonlySet<string>): Record<string, number> {
  if (typeof value !== "object" || value === null) return {};
  const widths: Record<string, number> = {};
  for (const [id, width] of Object.entries(value)) {
    if (known.has(id) && typeof width === "number" && Number.isFinite(width)) widths[id] = clampWidth(width);
  }
  return widths;
}
