import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { binIndex, Histogram } from "../../../lambdas/monitor-drift/histogram";
import { populationStabilityIndex } from "../../../lambdas/monitor-drift/psi";

const counts = fc.array(fc.nat(1000), { minLength: 2, maxLength: 12 });
const pair = fc.integer({ min: 2, max: 12 }).chain((bins) => {
  const side = fc.array(fc.nat(1000), { minLength: bins, maxLength: bins });
  return fc.tuple(side, side);
});

describe("the population stability index", () => {
  it("equals the textbook formula if no bin is empty", () => {
    const byHand = (0.6 - 0.5) * Math.log(0.6 / 0.5) + (0.4 - 0.5) * Math.log(0.4 / 0.5);
    expect(populationStabilityIndex([0.5, 0.5], [60, 40])).toBeCloseTo(byHand, 12);
  });

  it("is never negative, and is finite even with empty bins", () => {
    fc.assert(
      fc.property(pair, ([expected, actual]) => {
        const psi = populationStabilityIndex(expected, actual);
        expect(psi).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(psi)).toBe(true);
      }),
    );
  });

  it("is 0 for equal distributions, whatever the counts", () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 50 }), (expected, factor) => {
        const actual = expected.map((count) => count * factor);
        expect(populationStabilityIndex(expected, actual)).toBeCloseTo(0, 10);
      }),
    );
  });

  it("is symmetric", () => {
    fc.assert(
      fc.property(pair, ([one, other]) => {
        expect(populationStabilityIndex(one, other)).toBeCloseTo(populationStabilityIndex(other, one), 10);
      }),
    );
  });

  it("does not depend on the order of the bins", () => {
    fc.assert(
      fc.property(pair, fc.nat(), ([expected, actual], turn) => {
        const rotate = (values: number[]) => values.map((_, bin) => values[(bin + turn) % values.length] ?? 0);
        const [before, after] = [
          populationStabilityIndex(expected, actual),
          populationStabilityIndex(rotate(expected), rotate(actual)),
        ];
        expect(after).toBeCloseTo(before, 10);
      }),
    );
  });

  it("grows as more values move to another bin", () => {
    const moved = [0, 10, 20, 40, 80].map((shift) => populationStabilityIndex([0.5, 0.5], [100 - shift, 100 + shift]));
    expect(moved).toEqual([...moved].sort((a, b) => a - b));
  });

  it("rejects histograms with different bins", () => {
    expect(() => populationStabilityIndex([1, 2], [1, 2, 3])).toThrow("expected 2 bins, got 3");
  });
});

describe("bins", () => {
  it("include their upper edge", () => {
    expect([-5, 0, 0.5, 1, 2, 3].map((value) => binIndex([0, 1, 2], value))).toEqual([0, 0, 1, 1, 2, 3]);
    expect(binIndex([], 4)).toBe(0);
  });

  it("have the number of edges below the value as their index", () => {
    const edges = fc
      .uniqueArray(fc.double({ noNaN: true }), { maxLength: 20 })
      .map((values) => values.sort((a, b) => a - b));
    fc.assert(
      fc.property(edges, fc.double({ noNaN: true }), (sorted, value) => {
        expect(binIndex(sorted, value)).toBe(sorted.filter((edge) => edge < value).length);
      }),
    );
  });
});

describe("a histogram", () => {
  it("counts numbers, and anything else as missing", () => {
    const histogram = new Histogram({
      type: "numeric",
      edges: [1, 2],
      shares: [0.2, 0.3, 0.4],
      missing: 0.1,
    });
    for (const value of [0, 1, "1.5", 9, true, null, undefined, "", "abc", Number.NaN, [3]]) histogram.add(value);
    expect(histogram.counts).toEqual([3, 1, 1, 6]);
    expect(histogram.total).toBe(11);
  });

  it("counts known categories, other categories and missing values", () => {
    const histogram = new Histogram({
      type: "categorical",
      categories: ["phone", "web", "1"],
      shares: [0.5, 0.2, 0.1],
      other: 0.1,
      missing: 0.1,
    });
    for (const value of ["phone", "web", "phone", 1, "tv", null, ""]) histogram.add(value);
    expect(histogram.counts).toEqual([2, 1, 1, 1, 2]);
  });

  it("has no drift from an equal distribution and a large one from a different distribution", () => {
    const feature = { type: "numeric", edges: [0], shares: [0.5, 0.5], missing: 0 } as const;
    const [same, other] = [
      new Histogram({ ...feature, edges: [0], shares: [0.5, 0.5] }),
      new Histogram({ ...feature, edges: [0], shares: [0.5, 0.5] }),
    ];
    for (let index = 0; index < 100; index++) {
      same.add(index % 2 === 0 ? -1 : 1);
      other.add(null);
    }
    expect(same.psi()).toBeCloseTo(0, 10);
    expect(other.psi()).toBeGreaterThan(5);
  });
});
