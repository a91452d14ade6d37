const page = 15;

/** Which row a key leads to from the active one (-1 for none); null when the key is no step. */
export function rowStep(key: string, active: number, count: number): number | null {
  if (count === 0) return null;
  const target = targetOf(key, active, count);
  return target === null ? null : Math.min(count - 1, Math.max(0, target));
}

function targetOf(key: string, active: number, count: number): number | null {
  switch (key) {
    case "j":
    case "ArrowDown":
      return active + 1;
    case "k":
    case "ArrowUp":
      return active < 0 ? 0 : active - 1;
    case "PageDown":
      return active + page;
    case "PageUp":
      return active - page;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
