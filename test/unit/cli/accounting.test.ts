import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { balance } from "../../../cli/demo/finish";
import { stateTimes } from "../../../cli/shared/executions";
import { count, duration, table } from "../../../cli/shared/output";
import { readableCause } from "../../../lambdas/shared/cause";

const counts = fc.nat({ max: 10_000 });

describe("balance", () => {
  test("what is everywhere accounted for is neither lost nor doubled", () => {
    fc.assert(
      fc.property(counts, counts, counts, counts, (published, late, duplicates, waiting) => {
        const read = published + late + duplicates;
        const landed = read + waiting;
        const result = balance(landed, { landed, published, quarantined: { late }, duplicates, read });
        expect(result).toMatchObject({ lost: 0, doubled: 0, waiting });
      }),
    );
  });

  test("an event that is nowhere is lost, one that is in two places is doubled", () => {
    const places = { landed: 10, published: 8, quarantined: { late: 1 }, duplicates: 0, read: 10 };
    expect(balance(10, places)).toMatchObject({ lost: 1, doubled: 0 });
    expect(balance(10, { ...places, published: 11 })).toMatchObject({ lost: 0, doubled: 2 });
  });

  test("an event that never landed is lost", () => {
    expect(balance(12, { landed: 10, published: 10, quarantined: {}, duplicates: 0, read: 10 })).toMatchObject({
      lost: 2,
    });
  });

  test("what the stream delivered twice and was taken out again is no loss", () => {
    expect(balance(10, { landed: 11, published: 10, quarantined: {}, duplicates: 1, read: 11 })).toMatchObject({
      lost: 0,
      doubled: 0,
    });
  });
});

test("the time in a state lasts until the next is entered, or the end", () => {
  const at = (second: number) => new Date(second * 1000);
  const entered = (id: number, name: string, second: number) => ({
    id,
    type: "TaskStateEntered" as const,
    timestamp: at(second),
    stateEnteredEventDetails: { name },
  });
  const events = [
    { id: 1, type: "ExecutionStarted" as const, timestamp: at(0) },
    entered(2, "Plan", 1),
    entered(3, "Transform", 3),
    { id: 4, type: "ExecutionSucceeded" as const, timestamp: at(10) },
  ];
  expect(stateTimes(events)).toEqual([
    { state: "Plan", seconds: 2 },
    { state: "Transform", seconds: 7 },
  ]);
});

test("a job's own reason is taken out of the description that Step Functions gives", () => {
  expect(readableCause('{"TrainingJobName":"a","FailureReason":"UserError: no \\"rows\\""}')).toBe(
    'UserError: no "rows"',
  );
  expect(readableCause('{"JobName":"a","ErrorMessage":"SqlError: \\"x\\"","cut off here')).toBe('SqlError: "x"');
  expect(readableCause("plain")).toBe("plain");
  expect(readableCause("")).toBe("no cause was given");
});

test("figures as people read them", () => {
  expect([0.84, 12.4, 187].map(duration)).toEqual(["0.8 s", "12 s", "3 min 07 s"]);
  expect(count(69659)).toBe("69,659");
  expect(
    table(
      ["name", "rows"],
      [
        ["a", 12_000],
        ["long", 3],
      ],
    ),
  ).toBe("name    rows\n────  ──────\na     12,000\nlong       3");
});
