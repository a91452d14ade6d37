import { useEffect, useState } from "react";

/**
 * A one-time token from the address, also when the link is pasted into a tab that shows this page already: then only the
 * fragment changes, and the browser does not load anything.
 */
export function useHashToken(read: () => string): string {
  const [token, setToken] = useState(read);
  useEffect(() => {
    const onHash = (): void => {
      const next = read();
      if (next !== "") setToken(next);
    };
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, [read]);
  return token;
}
