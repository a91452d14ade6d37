import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from "@mantine/core";

const systemFont =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif, "Noto Color Emoji"';
const systemMono = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace';

const ring: MantineColorsTuple = [
  "#eef2fe",
  "#dde5fc",
  "#bccaf7",
  "#98aef2",
  "#7a95ee",
  "#6181e6",
  "#4667d8",
  "#3a5acb",
  "#2f4fc0",
  "#253f9b",
];

const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#f0f2f5",
  "#e6e9ee",
  "#d8dce3",
  "#c3c9d2",
  "#9aa2ae",
  "#79818e",
  "#565e6b",
  "#3b424d",
  "#1d2129",
];

const dark: MantineColorsTuple = [
  "#dfe2e8",
  "#b9bec8",
  "#9096a2",
  "#646b78",
  "#3a404b",
  "#2b3039",
  "#20242b",
  "#16191e",
  "#111317",
  "#0b0d10",
];

/**
 * One family, two weights, neutral greys with one accent.
 *
 * Shade 8 carries white text at 4.5:1 in both schemes; axe gates this on every route.
 */
export const theme: MantineThemeOverride = createTheme({
  primaryColor: "ring",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  luminanceThreshold: 0.22,
  colors: { ring, gray, dark },
  black: "#1d2129",
  fontFamily: systemFont,
  fontFamilyMonospace: systemMono,
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.45", lg: "1.45", xl: "1.35" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "10px", xl: "16px" },
  defaultRadius: "sm",
  headings: { fontFamily: systemFont, fontWeight: "600" },
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Button: { vars: denseButton },
    Input: { vars: denseInput },
    Menu: { defaultProps: { shadow: "md", radius: "md", transitionProps: { duration: 90 } } },
    Popover: { defaultProps: { shadow: "md", radius: "md", transitionProps: { duration: 90 } } },
  },
});

/** Colours that Mantine's defaults leave below WCAG AA, corrected for both schemes. */
export const contrastFixes: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#59616d",
    "--mantine-color-anchor": "#2f4fc0",
    "--mantine-color-error": "#c22b2b",
    "--mantine-color-placeholder": "#69717d",
    "--mantine-color-ring-light-color": "#2f4fc0",
    "--mantine-color-ring-light-hover": "#cbd6f9",
    "--mantine-color-blue-light-color": "#1864ab",
    "--mantine-color-green-light-color": "#206b2f",
    "--mantine-color-yellow-light-color": "#7a4b00",
    "--mantine-color-red-light-color": "#b02525",
    "--mantine-color-gray-light-color": "#495057",
    "--mantine-color-default-border": "#d8dce3",
  },
  dark: {
    "--mantine-color-dimmed": "#a2a8b4",
    "--mantine-color-anchor": "#98aef2",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-placeholder": "#8f96a3",
    "--mantine-color-ring-light-color": "#bccaf7",
    "--mantine-color-ring-outline": "#98aef2",
    "--mantine-color-default-border": "#3a404b",
  },
});

function denseButton(_theme: unknown, props: { readonly size?: unknown }): { root: Record<string, string> } {
  if (props.size !== undefined && props.size !== "sm") return { root: {} };
  return { root: { "--button-height": "32px", "--button-fz": "13px", "--button-padding-x": "12px" } };
}

function denseInput(
  _theme: unknown,
  props: { readonly size?: unknown },
): { wrapper: Record<string, string> } {
  if (props.size !== undefined && props.size !== "sm") return { wrapper: {} };
  return { wrapper: { "--input-height": "32px", "--input-fz": "13px" } };
}
