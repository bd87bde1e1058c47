import { describe, expect, test } from "@jest/globals";
import { type Colour, graphicPairs, palette, textPairs } from "../../../cli/report/palette";
import { style } from "../../../cli/report/style";

/** The relative luminance of a colour (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((left, right) => right - left);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each(["light", "dark"] as const)("the %s colours", (theme) => {
  const shade = (colour: Colour) => palette[colour][theme === "light" ? 0 : 1];

  test.each(textPairs)("%s can be read on %s", (text, background) => {
    expect(contrast(shade(text), shade(background))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(graphicPairs)("%s can be seen on %s", (graphic, background) => {
    expect(contrast(shade(graphic), shade(background))).toBeGreaterThanOrEqual(3);
  });
});

test("contrast is computed as WCAG does", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

describe("the style sheet", () => {
  const rules = style.slice(style.indexOf("*{box-sizing"));

  test("uses the palette's colours and no others", () => {
    const used = new Set([...rules.matchAll(/var\(--([a-z0-9-]+)\)/g)].map(([, name]) => name ?? ""));
    expect([...used].filter((name) => !(name in palette))).toEqual([]);
    // White paper is the one exception.
    expect(rules.match(/#[0-9a-f]{3,8}\b|rgba?\(|hsl/gi)).toEqual(["#fff"]);
  });

  test("writes text only in colours whose contrast is tested", () => {
    const readable = new Set(textPairs.map(([text]) => text));
    const written = [...rules.matchAll(/[{;]color:var\(--([a-z0-9-]+)\)/g)].map(([, name]) => name as Colour);
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter((name) => !readable.has(name))).toEqual([]);
  });

  test("scrolls only what the page makes reachable", () => {
    const scrolling = [...rules.matchAll(/([^{}]+)\{[^{}]*overflow(?:-[xy])?:(?:auto|scroll)/g)].map(([, name]) =>
      name?.trim(),
    );
    expect(scrolling).toEqual([".scroll"]);
  });

  test("prints in colour, with everything open and nothing torn apart", () => {
    const printed = rules.slice(rules.indexOf("@media print"));
    expect(printed).toContain("print-color-adjust:exact");
    expect(printed).toMatch(/details::details-content\{content-visibility:visible/);
    expect(printed).toMatch(/figure,table,tr[^{]*\{break-inside:avoid\}/);
    // Paper is white, even where the screen is dark.
    expect(style).toContain("@media screen and (prefers-color-scheme:dark)");
  });
});
