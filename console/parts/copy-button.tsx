import { ActionIcon } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { notify } from "./notify.tsx";

/** Puts a text on the clipboard and says so, to the eye and to screen readers. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure context there is no clipboard, and a browser may refuse it.
      notify({
        title: "It could not be copied",
        detail: "Select the text and copy it by hand.",
        tone: "bad",
      });
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={`Copy ${what}`}
      onClick={() => void copy()}
    >
      {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
      <span className="rf-hidden" role="status">
        {copied ? `Copied ${what}` : ""}
      </span>
    </ActionIcon>
  );
}
