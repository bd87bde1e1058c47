/** The report's colours, light and dark, and which of them are put on which. A test computes the contrast of every pair. */

type Shades = readonly [light: string, dark: string];

export const palette = {
  page: ["#fbfaf8", "#12151c"],
  panel: ["#ffffff", "#1a1e27"],
  ink: ["#1b2130", "#e8eaef"],
  soft: ["#566072", "#a4adbd"],
  line: ["#e2dfd8", "#2d323e"],
  grid: ["#eae8e3", "#262b36"],
  axis: ["#878c97", "#6d7585"],
  grey: ["#737a87", "#8b93a3"],
  blue: ["#2f5d9b", "#7fb0ef"],
  orange: ["#c2480b", "#ff9b63"],
  purple: ["#7a4fa3", "#bfa0ec"],
  teal: ["#0c7568", "#4fc3b1"],
  good: ["#247038", "#6bcf7c"],
  bad: ["#c02626", "#ff8f8f"],
  warn: ["#8a5300", "#f0b35c"],
  "good-panel": ["#e3f1e5", "#1c3324"],
  "bad-panel": ["#fbe6e4", "#3d2023"],
  "warn-panel": ["#faecd9", "#3a2c17"],
  "blue-panel": ["#e3ebf6", "#1d2d43"],
  "soft-panel": ["#ecebe7", "#2a2f3a"],
  // From calm to alarming: how far a feature has drifted.
  "heat-0": ["#f1f0ec", "#20242e"],
  "heat-1": ["#dfe8f4", "#22354e"],
  "heat-2": ["#bcd0ea", "#31557f"],
  "heat-3": ["#f8c39c", "#8a4a20"],
  "heat-4": ["#c2480b", "#ff9b63"],
  "on-strong": ["#ffffff", "#1b1005"],
} as const satisfies Record<string, Shades>;

export type Colour = keyof typeof palette;
type Pair = readonly [foreground: Colour, background: Colour];

const surfaces: readonly Colour[] = ["page", "panel"];
const onSurfaces = (colours: readonly Colour[]): Pair[] =>
  colours.flatMap((colour) => surfaces.map((surface): Pair => [colour, surface]));

/** Text on its background: at least 4.5 to 1 (WCAG 2.2, 1.4.3). */
export const textPairs: readonly Pair[] = [
  ...onSurfaces(["ink", "soft", "blue", "orange", "purple", "teal", "good", "bad", "warn"]),
  ["good", "good-panel"],
  ["bad", "bad-panel"],
  ["warn", "warn-panel"],
  ["ink", "warn-panel"],
  ["blue", "blue-panel"],
  ["soft", "soft-panel"],
  ["ink", "soft-panel"],
  ["ink", "heat-0"],
  ["ink", "heat-1"],
  ["ink", "heat-2"],
  ["ink", "heat-3"],
  ["on-strong", "heat-4"],
  ["on-strong", "blue"],
  ["on-strong", "orange"],
  ["on-strong", "purple"],
  ["on-strong", "teal"],
  ["on-strong", "soft"],
];

/** Lines, bars and dots on their background: at least 3 to 1 (WCAG 2.2, 1.4.11). */
export const graphicPairs: readonly Pair[] = onSurfaces([
  ...(["axis", "grey", "blue", "orange", "purple", "teal", "bad", "soft"] as const),
]);

/** Custom properties of one theme for the style sheet. */
export function themeVariables(theme: "light" | "dark"): string {
  return Object.entries(palette)
    .map(([name, [light, dark]]) => `--${name}:${theme === "light" ? light : dark}`)
    .join(";");
}
