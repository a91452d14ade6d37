import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/spotlight/styles.css";
import "./palette.css";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { usePaletteActions, type PaletteAction } from "./palette-actions.tsx";

const [store, spotlight] = createSpotlight();

interface Props {
  readonly onClose: () => void;
  readonly onKeys: () => void;
}

/** One box for everything: records by name, pages, and what can be done here. */
export default function Palette({ onClose, onKeys }: Props): ReactNode {
  const [query, setQuery] = useState("");
  const groups = usePaletteActions(query, onKeys);
  useEffect(() => {
    spotlight.open();
    return () => spotlight.close();
  }, []);
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      shortcut={null}
      size={600}
      radius="lg"
      scrollable
      maxHeight={420}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      transitionProps={{ duration: 90 }}
      attributes={{ content: { "aria-label": "Search or do anything" } }}
    >
      <Spotlight.Search
        placeholder="Type a name, an e-mail address, a page or an action"
        aria-label="Search or do anything"
        leftSection={<IconSearch size={17} />}
        onKeyDown={(event) => {
          // Enter without a choice takes the first line, as every palette does.
          if (event.key !== "Enter" || document.querySelector("[data-selected].rf-palette__line") !== null)
            return;
          event.preventDefault();
          groups[0]?.actions[0]?.run();
          spotlight.close();
        }}
      />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group.title} label={group.title}>
            {group.actions.map((action) => (
              <PaletteLine key={action.id} action={action} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>Nothing matches “{query}”.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function PaletteLine({ action }: { readonly action: PaletteAction }): ReactNode {
  return (
    <Spotlight.Action onClick={action.run} className="rf-palette__line">
      <span className="rf-row">
        <span className="rf-palette__icon" aria-hidden>
          {action.icon}
        </span>
        <span className="rf-clip">{action.label}</span>
        {action.detail !== undefined && <span className="rf-dim rf-clip">{action.detail}</span>}
        {action.key !== undefined && (
          <span className="rf-palette__keys">
            {action.key.split(" ").map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </span>
        )}
      </span>
    </Spotlight.Action>
  );
}
