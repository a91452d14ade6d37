import type { ReactNode } from "react";
import { ShownOnce } from "../../parts/shown-once.tsx";

interface Props {
  readonly name: string;
  readonly value: string;
  readonly onClose: () => void;
}

/** A new key, this one time. */
export function KeyShownOnce({ name, value, onClose }: Props): ReactNode {
  return (
    <ShownOnce
      title="Copy the key now"
      lead={`This is the only time that ${name} is shown. We keep a hash of it, which cannot be turned back.`}
      what="the key"
      lines={[value]}
      fileName={`${name.replace(/[^\w-]+/gu, "-")}.key.txt`}
      onClose={onClose}
    />
  );
}
