import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { randomStream } from "../../../examples/shop/random";

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a random stream", () => {
  it("is determined by its seed and name", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (seed, name) => {
        const [one, same] = [randomStream(seed, name), randomStream(seed, name)];
        expect(draws(5, one.next)).toEqual(draws(5, same.next));
        expect(draws(5, randomStream(seed, name).next)).not.toEqual(draws(5, randomStream(seed, `${name}!`).next));
      }),
    );
  });

  it("draws from distributions with the expected means", () => {
    const random = randomStream(1, "moments");

    expect(mean(draws(20_000, random.next))).toBeCloseTo(0.5, 1);
    expect(mean(draws(20_000, random.normal))).toBeCloseTo(0, 1);
    expect(mean(draws(20_000, () => random.poisson(1.7)))).toBeCloseTo(1.7, 1);
    expect(mean(draws(20_000, () => Number(random.chance(0.2))))).toBeCloseTo(0.2, 1);
    expect(Math.max(...draws(1_000, () => random.below(3)))).toBe(2);
  });

  it("picks by weight and never picks a choice with weight 0", () => {
    const random = randomStream(2, "pick");
    const picks = Array.from({ length: 4_000 }, () =>
      random.pick([
        ["often", 3],
        ["never", 0],
        ["seldom", 1],
      ]),
    );

    expect(picks).not.toContain("never");
    expect(picks.filter((pick) => pick === "often").length / picks.length).toBeCloseTo(0.75, 1);
  });
});
