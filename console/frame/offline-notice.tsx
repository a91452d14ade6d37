import { IconCloudOff } from "@tabler/icons-react";
import { useSyncExternalStore, type ReactNode } from "react";

/** Says that the browser is offline, and that the screen shows what was last seen. */
export function OfflineNotice(): ReactNode {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status" aria-live="polite">
      {!online && (
        <div className="rf-offline">
          <IconCloudOff size={16} aria-hidden />
          You are offline. This is what was last seen; changes wait until the connection is back.
        </div>
      )}
    </div>
  );
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
