import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useNow } from "../format/now.tsx";
import { Moment } from "../parts/moment.tsx";
import { useHere } from "./here.tsx";
import { useSecondFactor } from "./use-second-factor.ts";

/** Says by when the organization wants a second factor, and has one added; gone when it is there, or when its screen says more. */
export function SecondFactorBanner(): ReactNode {
  const { organization, formats } = useHere();
  const now = useNow();
  const add = useSecondFactor();
  const by = organization.secondFactorBy ?? null;
  if (by === null || Date.parse(by) <= now) return null;
  return (
    <div className="rf-note" role="status">
      <p>
        {organization.name} asks for a second factor. From {formats.day(by)} on (<Moment at={by} />) you do
        not get in without one.
      </p>
      <Button size="compact-sm" variant="default" onClick={add}>
        Add one now
      </Button>
    </div>
  );
}
