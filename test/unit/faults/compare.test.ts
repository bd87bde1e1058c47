import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { describeDifference, differences, type End, firstReasons, parts } from "../../../faults/compare";

const end = (changes: Partial<End> = {}): End => ({
  ...(Object.fromEntries(parts.map((part) => [part, []])) as unknown as End),
  ...changes,
});

describe("the comparison of two ends", () => {
  test("names what is missing and what is too much, also when the totals are equal", () => {
    const expected = end({ events: ["a", "b"], serving: ["v1"] });
    const actual = end({ events: ["a", "c"], serving: ["v1"] });
    expect(differences(expected, actual)).toEqual([{ part: "events", missing: ["b"], extra: ["c"] }]);
  });

  test("a member that is there twice is one too many", () => {
    const twice = differences(end({ features: ["x", "y"] }), end({ features: ["x", "y", "x"] }));
    expect(twice).toEqual([{ part: "features", missing: [], extra: ["x"] }]);
  });

  const members: fc.Arbitrary<string[]> = fc.array(fc.constantFrom("a", "b", "c", "d"));

  test("ends with the same members in any order are equal", () => {
    fc.assert(
      fc.property(members, fc.infiniteStream(fc.nat()), (list, keys) => {
        const order = list.map((member) => ({ member, key: keys.next().value ?? 0 })).sort((x, y) => x.key - y.key);
        expect(differences(end({ events: list }), end({ events: order.map(({ member }) => member) }))).toEqual([]);
      }),
    );
  });

  test("taking away what is too much and adding what is missing gives the expected members", () => {
    fc.assert(
      fc.property(members, members, (expected, actual) => {
        const [found] = differences(end({ events: expected }), end({ events: actual }));
        const left = [...actual];
        for (const member of found?.extra ?? []) left.splice(left.indexOf(member), 1);
        expect([...left, ...(found?.missing ?? [])].sort()).toEqual([...expected].sort());
      }),
    );
  });

  test("a difference is described in a line for each direction, cut to a few members", () => {
    const lines = describeDifference({ part: "events", missing: ["a", "b", "c"], extra: ["d".repeat(1000)] });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe("events: 3 missing: a | b …");
    expect(lines[1]?.length).toBeLessThan(250);
  });

  test("a quarantined event that arrived twice has the reason of its first copy", () => {
    const line = (place: string, reason: string, event: string) => ({
      place,
      event,
      quarantined: `${reason}: ${event}`,
    });
    const lines = [line("b 1", "late", "x"), line("a 1", "range:amount", "x"), line("a 2", "not_json", "y")];
    for (const some of [lines, lines.toReversed()]) {
      expect(firstReasons(some).sort()).toEqual(["not_json: y", "range:amount: x"]);
    }
  });
});
