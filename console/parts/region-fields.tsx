import { NativeSelect } from "@mantine/core";
import type { GetInputPropsReturnType } from "@mantine/form";
import type { ReactNode } from "react";
import { currencyChoices, localeChoices, timeZoneChoices, withPresent } from "../format/region-choices.ts";

interface Props {
  readonly locale: GetInputPropsReturnType;
  readonly timeZone: GetInputPropsReturnType;
  readonly currency: GetInputPropsReturnType;
}

/** Language, time zone and currency of an organization: native selects, because phones make the best of those. */
export function RegionFields({ locale, timeZone, currency }: Props): ReactNode {
  return (
    <>
      <NativeSelect
        label="Dates and numbers as in"
        data={withPresent(localeChoices(), textOf(locale.value))}
        {...locale}
      />
      <NativeSelect
        label="Time zone"
        data={withPresent(timeZoneChoices(), textOf(timeZone.value))}
        {...timeZone}
      />
      <NativeSelect
        label="Currency"
        data={withPresent(currencyChoices(), textOf(currency.value))}
        {...currency}
      />
    </>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
