import type { MouseEvent } from "react";
import { fetchOwnSecurity } from "../api/own-security.ts";
import { freshProof } from "../api/questions.ts";
import { notifyProblem } from "./notify.tsx";

/** Long enough for the download to begin. */
const enoughSeconds = 30;

/** For a link that downloads an export, which wants a fresh proof: a browser that was refused would only say that there is no file. */
export function downloadProven(event: MouseEvent<HTMLAnchorElement>): void {
  event.preventDefault();
  const { href } = event.currentTarget;
  proven().then(
    (ready) => {
      if (ready) download(href);
    },
    (error: unknown) => notifyProblem(error, "The download did not begin"),
  );
}

async function proven(): Promise<boolean> {
  const { freshSeconds } = await fetchOwnSecurity();
  return freshSeconds > enoughSeconds || freshProof.ask();
}

function download(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  link.click();
}
