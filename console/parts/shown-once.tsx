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
  /** What each line is, where each is copied on its own. */
  readonly labels?: readonly string[];
  readonly fileName: string;
  readonly onClose: () => void;
}

/** A secret, this one time: to copy, or to keep as a file. */
export function ShownOnce({ title, lead, what, lines, labels, fileName, onClose }: Props): ReactNode {
  const text = lines.join("\n");
  return (
    <Dialog title={title} onClose={onClose} lasting>
      <div className="rf-stack">
        <p>{lead}</p>
        {labels === undefined ? (
          <Secret text={text} what={what} />
        ) : (
          lines.map((line, at) => (
            <div key={line}>
              <p className="rf-small rf-dim">{labels[at]}</p>
              <Secret text={line} what={`${labels[at]}`} />
            </div>
          ))
        )}
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

function Secret({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  return (
    <div
      className="rf-state__code"
      style={{ justifyContent: "space-between", padding: "8px 8px 8px 12px", maxWidth: "100%" }}
    >
      <span
        className="rf-mono"
        style={{
          overflowWrap: "anywhere",
          whiteSpace: "pre-line",
          lineHeight: 1.6,
          color: "var(--rf-text)",
        }}
        data-secret
      >
        {text}
      </span>
      <CopyButton text={text} what={what} />
    </div>
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
