import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bars } from "../../../cli/report/charts/bars";
import { heatmap } from "../../../cli/report/charts/heatmap";
import { binText, histogram, largestChange } from "../../../cli/report/charts/histogram";
import { lineChart, spread } from "../../../cli/report/charts/lines";
import { apart, linear } from "../../../cli/report/charts/scale";
import { driftSection } from "../../../cli/report/sections/drift";
import type { DriftBin } from "../../../contracts/score-drift";
import type { DriftSummary } from "../../../contracts/summary";
import { reportCases } from "./report.cases";
import { readMarkup, type Tag } from "./report.markup";
import { summaryFixture } from "./summary.fixture";

const has = (name: string) => (tag: Tag) => (tag.attributes.class ?? "").split(" ").includes(name);

describe("an axis", () => {
  test("has round marks that hold its values", () => {
    const scale = linear([0, 0.75], [0, 100]);
    expect(scale.ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect([scale(0), scale(0.8)]).toEqual([0, 100]);
    expect(linear([3, 3], [0, 10]).ticks.every(Number.isFinite)).toBe(true);
  });

  test("has marks that are far enough apart, the first of the list for certain", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.integer({ min: 1, max: 400 }), (positions, gap) => {
        const kept = apart(positions, gap);
        expect(kept[0]).toBe(positions[0]);
        const sorted = [...kept].sort((one, other) => one - other);
        for (let next = 1; next < sorted.length; next += 1) {
          expect((sorted[next] ?? 0) - (sorted[next - 1] ?? 0)).toBeGreaterThanOrEqual(gap);
        }
        // What was left out had no room.
        for (const position of positions) expect(kept.some((other) => Math.abs(other - position) < gap)).toBe(true);
      }),
    );
  });
});

test("labels at the ends of lines never lie on each other, and stay within the chart where they fit", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 12 }), (tops) => {
      const places = spread(tops, 17, 300);
      const sorted = [...places].sort((one, other) => one - other);
      for (let next = 1; next < sorted.length; next += 1) {
        expect((sorted[next] ?? 0) - (sorted[next - 1] ?? 0)).toBeGreaterThanOrEqual(17 - 1e-9);
      }
      for (const place of places) expect(place).toBeLessThanOrEqual(300 + 1e-9);
      // In the order of what they name.
      const order = (values: readonly number[]) =>
        values.map((_, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
      expect(order(places)).toEqual(order(tops));
    }),
  );
});

test("a line is interrupted where nothing was measured, and a lonely point is still drawn", () => {
  const chart = lineChart({
    ...{ label: "a chart", xLabel: "x", yLabel: "y", x: [0, 4] as const, y: [0, 1] as const },
    lines: [{ name: "one", kind: "s1", points: [[0, 0], [1, 0], undefined, [3, 1], undefined, [4, 0], [4, 1]] }],
  });
  const line = readMarkup(chart.toString()).find(has("line"));
  expect(line?.attributes.d).toBe("M0 1000L250 1000M750 0h0M1000 1000L1000 0");
});

describe("drift over time", () => {
  const linesOf = (drift: readonly DriftSummary[]) =>
    readMarkup(driftSection(summaryFixture({ drift: [...drift] })).toString())
      .filter(has("s1"))
      .filter(has("line"))
      .map(({ attributes }) => attributes.d ?? "");
  const strokes = (drift: readonly DriftSummary[]) => linesOf(drift).map((path) => path.split("M").length - 1);
  const [first] = summaryFixture().drift;
  if (first === undefined) throw new Error("the fixture has drift checks");
  const weeks = ["1997-08-04", "1997-08-11", "1997-08-18", "1997-08-25", "1997-09-01"];
  const weekly = weeks.map((as_of): DriftSummary => ({ ...first, as_of }));
  const changed = (at: number, changes: Partial<DriftSummary>) =>
    weekly.map((check, week) => (week === at ? { ...check, ...changes } : check));

  test("is one line while one version is checked week by week", () => {
    expect(strokes(weekly)).toEqual([1]);
  });

  test("is interrupted by a skipped check", () => {
    expect(strokes(changed(2, { status: "skipped", features: {}, score: null, reason: "too few" }))).toEqual([2]);
  });

  test("is interrupted where another version serves, which has another baseline", () => {
    expect(strokes(weekly.map((check, week) => ({ ...check, version: week < 2 ? 1 : 2 })))).toEqual([2]);
  });

  test("is interrupted by a pause much longer than usual", () => {
    expect(strokes(changed(4, { as_of: "1997-12-01" }))).toEqual([2]);
  });

  test("has years at its dates, and the date of what drifted before all others", () => {
    const dates = (summary = summaryFixture()) =>
      readMarkup(driftSection(summary).toString())
        .filter(has("x-tick"))
        .map(({ text }) => text);
    expect(dates()).toContain("3 Nov 1997");
    for (const date of dates(reportCases["many drift checks and models"]?.())) expect(date).toMatch(/ 199[67]$/);
  });
});

describe("the heat map", () => {
  const column = (week: number) => ({ label: `${week} Jan 1997`, group: week < 30 ? "v1" : "v2", period: "1997" });
  const of = (count: number) =>
    readMarkup(
      heatmap(
        "PSI",
        Array.from({ length: count }, (_, week) => column(week)),
        [
          {
            name: "spend",
            threshold: 0.2,
            cells: Array.from({ length: count }, (_, week) =>
              week === 1 ? undefined : { value: week / 100, alarming: week >= 20 },
            ),
          },
        ],
      ).toString(),
    );
  const cells = (tags: readonly Tag[]) => tags.filter(({ name, inside }) => name === "td" && inside.includes("tbody"));

  test("of a few checks writes every value", () => {
    const tags = of(8);
    expect(cells(tags).map(({ text }) => text)).toEqual(["0.00", "–", "0.02", "0.03", "0.04", "0.05", "0.06", "0.07"]);
    expect(tags.filter(has("unseen"))).toEqual([]);
  });

  test("of many checks keeps the values for screen readers, and writes the highest and the latest", () => {
    const tags = of(60);
    expect(cells(tags).slice(2)).toHaveLength(60);
    expect(
      cells(tags)
        .slice(2)
        .every(({ text }) => /^(–|0\.\d\d)$/.test(text)),
    ).toBe(true);
    expect(
      cells(tags)
        .slice(0, 2)
        .map(({ text }) => text),
    ).toEqual(["0.59", "0.59"]);
    const groups = tags.filter(({ attributes }) => attributes.scope === "colgroup");
    expect(groups.map(({ text, attributes }) => [text, attributes.colspan])).toEqual([
      ["v1", "30"],
      ["v2", "30"],
      ["1997", "60"],
    ]);
  });

  test("draws as drift what the check called drift, and nothing else", () => {
    const kinds = cells(of(60))
      .slice(2)
      .map(({ attributes }) => attributes.class ?? "");
    expect(kinds.map((kind) => kind === "heat-3" || kind === "heat-4")).toEqual(
      Array.from({ length: 60 }, (_, week) => week >= 20),
    );
    expect(kinds[1]).toBe("heat-none");
    expect(new Set(kinds.slice(40))).toEqual(new Set(["heat-4"]));
  });
});

describe("a distribution", () => {
  const range = (above: number | null, upTo: number | null): DriftBin => ({
    ...{ kind: "range", above, up_to: upTo, baseline: 0, current: 0 },
  });

  test.each([
    [range(null, 0), "integer", "up to 0"],
    [range(0, 1), "integer", "1"],
    [range(1, 4), "integer", "2 to 4"],
    [range(4, null), "integer", "over 4"],
    [range(0, 1), "double", "0 to 1"],
    [range(8.5, 14.990001), "double", "8.5 to 14.99"],
    [range(1234567, 1234568.5), "double", "1,234,567 to 1,234,569"],
    [range(0.00001234, 0.5), "double", "1.2e-5 to 0.5"],
    [range(null, null), undefined, "any value"],
    [{ kind: "category", category: "", baseline: 0, current: 0 } as const, "string", "(empty)"],
    [{ kind: "missing", baseline: 0, current: 0 } as const, "string", "missing"],
  ])("names the bin %j of type %s %j", (bin, type, text) => {
    expect(binText(bin, type)).toBe(text);
  });

  const bins: DriftBin[] = [
    { kind: "category", category: "web", baseline: 0.5, current: 10 },
    { kind: "category", category: "phone", baseline: 0.4, current: 20 },
    { kind: "other", baseline: 0, current: 0 },
    { kind: "missing", baseline: 0.1, current: 70 },
  ];

  test("has a row for each bin with both shares, but none for what never occurs", () => {
    const tags = readMarkup(histogram({ caption: "device", bins, type: "string" }).toString());
    const rows = tags.filter(({ name, inside }) => name === "tr" && inside.includes("tbody"));
    expect(rows.map(({ text }) => text.trim())).toEqual(["web50 %10 %", "phone40 %20 %", "missing10 %70 %"]);
    const widths = tags.filter(has("bar")).map(({ attributes }) => attributes.style);
    expect(widths).toEqual(["71.4%", "14.3%", "57.1%", "28.6%", "14.3%", "100%"].map((width) => `width:${width}`));
  });

  test("says what changed most", () => {
    expect(largestChange({ bins, type: "string" })).toBe(
      "Largest change: missing went from 10 % of the baseline to 70 % of the day’s rows.",
    );
    expect(largestChange({ bins: [], type: "string" })).toBe("");
    expect(largestChange({ bins: [{ kind: "missing", baseline: 1, current: 3 }], type: "string" })).toBe("");
  });

  test("is shown for what drifted, the check that started a retraining first", () => {
    const tags = readMarkup(driftSection(summaryFixture()).toString());
    expect(tags.filter(({ name }) => name === "h3").map(({ text }) => text)).toContain(
      "What drifted on 3 Nov 1997, against the baseline of v1: 423 rows",
    );
    expect(tags.filter(has("histogram"))).toHaveLength(1);
  });
});

test("bars are shares of the largest value, and no value is not a bar of a wrong length", () => {
  const widths = (values: number[]) =>
    readMarkup(
      bars(
        values.map((value) => ({ kind: "m1", value })),
        Math.max(...values),
      ).toString(),
    )
      .filter(has("bar"))
      .map(({ attributes }) => attributes.style);
  expect(widths([2, 1, 0])).toEqual(["width:100%", "width:50%", "width:0%"]);
  expect(widths([0, 0])).toEqual(["width:0%", "width:0%"]);
});
