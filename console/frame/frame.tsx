import "./frame.css";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { useKeys, type Keys } from "../parts/use-keys.ts";
import { MobileRail } from "./mobile-rail.tsx";
import { useHere } from "./here.tsx";
import { OfflineNotice } from "./offline-notice.tsx";
import { QuestionHost } from "./question-host.tsx";
import { Rail } from "./rail.tsx";
import { rooms } from "./rooms.ts";
import { SecondFactorBanner } from "./second-factor-banner.tsx";
import { SupportBanner } from "./support-banner.tsx";
import { TopBar } from "./top-bar.tsx";

const KeySheet = lazy(() => import("./key-sheet.tsx"));
const Palette = lazy(() => import("./palette.tsx"));
const narrowKey = "ringfence.rail-narrow";

/** What stays around every screen of an organization: rail, top bar, palette, help, and the work in the middle. */
export function Frame(): ReactNode {
  const [narrow, setNarrow] = useState(() => localStorage.getItem(narrowKey) === "1");
  const [sheet, setSheet] = useState<"palette" | "keys" | "rooms" | null>(null);
  const close = (): void => setSheet(null);
  const toggleNarrow = (): void => {
    localStorage.setItem(narrowKey, narrow ? "0" : "1");
    setNarrow(!narrow);
  };
  useFrameKeys(
    () => setSheet("palette"),
    () => setSheet("keys"),
  );
  return (
    <div className="rf-frame" data-narrow={narrow}>
      <a className="rf-skip" href="#main">
        Skip to the work
      </a>
      <Rail narrow={narrow} onNarrow={toggleNarrow} />
      <TopBar
        onBurger={() => setSheet("rooms")}
        onPalette={() => setSheet("palette")}
        onHelp={() => setSheet("keys")}
      />
      <SecondFactorBanner />
      <Main />
      <OfflineNotice />
      <QuestionHost />
      <SupportBanner />
      <MobileRail open={sheet === "rooms"} onClose={close} />
      <Suspense fallback={null}>
        {sheet === "palette" && <Palette onClose={close} onKeys={() => setSheet("keys")} />}
        {sheet === "keys" && <KeySheet onClose={close} />}
      </Suspense>
    </div>
  );
}

/** Takes the focus when the screen changes, so that a keyboard or screen reader goes on with the new one. */
function Main(): ReactNode {
  const main = useRef<HTMLElement>(null);
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname ?? "" });
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current !== pathname && before.current !== "") main.current?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname]);
  return (
    <main id="main" ref={main} className="rf-frame__main" tabIndex={-1}>
      <Outlet />
    </main>
  );
}

function useFrameKeys(onPalette: () => void, onHelp: () => void): void {
  const { slug, may } = useHere();
  const navigate = useNavigate();
  const keys: Record<string, () => void> = { "?": onHelp, "/": onPalette };
  for (const room of rooms.flatMap((group) => group.rooms)) {
    if (may(room.needs))
      keys[room.key] = () => void navigate({ to: room.to, params: { organization: slug } });
  }
  useKeys(keys satisfies Keys);
  usePaletteKey(onPalette);
}

function usePaletteKey(onPalette: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      onPalette();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}
