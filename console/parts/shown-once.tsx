import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";
import { Dialog, DialogActs } from "./dialog.tsx";

interface Props {
  readonly title: string;
  readonly lead: string;
  /** What the copy button calls it. */
  readonly what: string;
  readonly lines: readonly string[];
  readonly fileName: string;
  readonly onClose: () => void;
}

/** A secret, this one time: to copy, or to keep as a file. */
export function ShownOnce({ title, lead, what, lines, fileName, onClose }: Props): ReactNode {
  const text = lines.join("\n");
  return (
    <Dialog title={title} onClose={onClose} lasting>
      <div className="rf-stack">
        <p>{lead}</p>
        <div
          className="rf-state__code"
          style={{ justifyContent: "space-between", padding: "8px 8px 8px 12px" }}
        >
          <span
            className="rf-mono"
            style={{ overflowWrap: "anywhere", whiteSpace: "pre-line", color: "var(--rf-text)" }}
            data-secret
          >
            {text}
          </span>
          <CopyButton text={text} what={what} />
        </div>
        <DialogActs>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => download(fileName, text)}
          >
            Download
          </Button>
          <Button onClick={onClose}>I have kept it</Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
