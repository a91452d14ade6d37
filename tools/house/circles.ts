/**
 * Every circle of a directed graph, as one path per knot that returns to its start (Tarjan's strongly connected
 * components). A node that points at itself is a circle too.
 */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];

  const visit = (node: string): void => {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? own, low.get(next) ?? own));
    }
    if (low.get(node) !== own) return;
    const knot = stack.splice(stack.indexOf(node));
    if (knot.length > 1 || graph.get(node)?.includes(node) === true) circles.push(pathThrough(graph, knot));
  };

  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return circles;
}

/** The shortest way from the first node of a knot back to itself, so that the message can be followed by hand. */
function pathThrough(graph: ReadonlyMap<string, readonly string[]>, knot: readonly string[]): string[] {
  const start = knot.toSorted()[0] ?? "";
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return [...wayBack(cameFrom, start, node), start];
      if (knot.includes(next) && !cameFrom.has(next)) {
        cameFrom.set(next, node);
        queue.push(next);
      }
    }
  }
  return [...knot];
}

function wayBack(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [end];
  for (let node = end; node !== start;) {
    node = cameFrom.get(node) ?? start;
    way.unshift(node);
  }
  return way;
}
