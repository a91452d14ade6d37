import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Notification.css";
import "@mantine/notifications/styles.css";
import { Button } from "@mantine/core";
import { hideNotification, Notifications, showNotification } from "@mantine/notifications";
import { type ReactNode } from "react";
import type { Toast } from "./toast.ts";

/** The corner where toasts stack up; at the bottom, clear of what the person is working on. */
export default function Toasts(): ReactNode {
  return <Notifications position="bottom-right" limit={4} zIndex={500} containerWidth={380} />;
}

/** Puts a toast up. */
export function show({ title, detail, tone = "plain", undo }: Toast): void {
  const id = `toast-${title}-${performance.now()}`;
  showNotification({
    id,
    title,
    message: <Message id={id} detail={detail} undo={undo} />,
    color: tone === "bad" ? "red" : tone === "good" ? "green" : "ring",
    autoClose: tone === "bad" ? 15_000 : undo === undefined ? 5_000 : 10_000,
    withBorder: true,
    role: tone === "bad" ? "alert" : "status",
    closeButtonProps: { "aria-label": "Close this notice" },
  });
}

function Message({
  id,
  detail,
  undo,
}: {
  readonly id: string;
  readonly detail: string | undefined;
  readonly undo: (() => void) | undefined;
}): ReactNode {
  return (
    <span className="rf-row rf-row--wrap">
      {detail !== undefined && <span className="rf-grow">{detail}</span>}
      {undo !== undefined && (
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            hideNotification(id);
            undo();
          }}
        >
          Undo
        </Button>
      )}
    </span>
  );
}
