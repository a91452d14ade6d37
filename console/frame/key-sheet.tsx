import "./key-sheet.css";
import { Checkbox } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { keysAreOff, setKeysOff } from "../parts/use-keys.ts";
import { rooms } from "./rooms.ts";

const everywhere = [
  ["Ctrl K", "Search and palette"],
  ["/", "Search and palette"],
  ["?", "This sheet"],
  ["Esc", "Close what is open"],
] as const;

const tables = [
  ["j", "Next row"],
  ["k", "Row before"],
  ["← →", "From cell to cell"],
  ["Enter", "Open the row, edit the cell"],
  ["F2", "Edit the cell"],
  ["x", "Select the row"],
  ["e", "Edit the whole record"],
  ["#", "Archive the row"],
  ["n", "New record"],
  ["f", "To the filters"],
] as const;

/** Every shortcut there is, and the switch that turns the single keys off. */
export default function KeySheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [off, setOff] = useState(keysAreOff);
  const go = rooms.flatMap((group) => group.rooms).map((room) => [room.key, room.label] as const);
  return (
    <Dialog title="Keyboard" onClose={onClose} size={640}>
      <div className="rf-keys">
        <KeyList title="Everywhere" keys={everywhere} />
        <KeyList title="In tables" keys={tables} />
        <KeyList title="Go to" keys={go} />
      </div>
      <Checkbox
        mt="lg"
        label="Single-key shortcuts"
        description="Switch them off if you speak to your computer or use a screen reader that needs these keys."
        checked={!off}
        onChange={(event) => {
          setKeysOff(!event.currentTarget.checked);
          setOff(!event.currentTarget.checked);
        }}
      />
    </Dialog>
  );
}

function KeyList({
  title,
  keys,
}: {
  readonly title: string;
  readonly keys: readonly (readonly [string, string])[];
}): ReactNode {
  return (
    <section>
      <h3 className="rf-keys__title">{title}</h3>
      <dl>
        {keys.map(([key, label]) => (
          <div key={key} className="rf-keys__line">
            <dt>{label}</dt>
            <dd>
              {key.split(" ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
