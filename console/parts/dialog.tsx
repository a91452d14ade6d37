import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "./dialog.css";
import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useUnsaved } from "./unsaved.ts";
import { useTopDialog } from "./use-top-dialog.ts";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly size?: number;
  /** Closed by its own buttons alone, since what it shows is never shown again. */
  readonly lasting?: boolean;
  /** Hides what is behind it, which whoever sits there now may not be meant to see. */
  readonly veiled?: boolean;
  readonly children: ReactNode;
}

/**
 * A modal dialog. A press beside it does not close it: what was typed would be lost. Its head is a plain div: Mantine's
 * `<header>` would be a second banner of the page.
 */
export function Dialog({
  title,
  onClose,
  size = 480,
  lasting = false,
  veiled = false,
  children,
}: Props): ReactNode {
  useUnsaved(true);
  const isTop = useTopDialog();
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={size}
      centered
      closeOnClickOutside={false}
      trapFocus={isTop}
      closeOnEscape={isTop && !lasting}
      transitionProps={{ duration: 120 }}
    >
      <Modal.Overlay backgroundOpacity={veiled ? 0.8 : 0.4} blur={veiled ? 10 : 0} />
      <Modal.Content radius="lg">
        <div className="rf-dialog__head">
          <Modal.Title className="rf-dialog__title">{title}</Modal.Title>
          {!lasting && <Modal.CloseButton aria-label="Close" />}
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** The row of buttons that ends a dialog. */
export function DialogActs({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="rf-dialog__acts">{children}</div>;
}
