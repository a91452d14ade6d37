import { useEffect, useRef, type ReactNode } from "react";
import { Rail } from "./rail.tsx";

/** The rail on a phone: a native dialog, which traps the focus and closes on Escape by itself. */
export function MobileRail({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (open && element?.open === false) element.showModal();
    if (!open && element?.open === true) element.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      className="rf-drawer"
      aria-label="Rooms"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {open && <Rail narrow={false} onGo={onClose} />}
    </dialog>
  );
}
