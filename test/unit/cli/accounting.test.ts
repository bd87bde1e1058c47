import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { accountFor, type Evidence, idOf } from "../../../cli/demo/accounting";
import { stateTimes } from "../../../cli/shared/executions";
import { count, duration, table } from "../../../cli/shared/output";
import { readableCause } from "../../../lambdas/shared/cause";

type Fate = "published" | "quarantined" | "duplicate" | "waiting" | "broken";

/** Lines with the given outcomes, and what the tables contain if nothing goes wrong. */
function evidenceOf(fates: readonly Fate[]): Evidence {
  const line = (index: number, fate: Fate) => ({
    file: fate === "waiting" ? "new" : "read",
    position: index + 1,
    id: fate === "broken" ? undefined : fate === "duplicate" ? "first" : `e${index}`,
  });
  const first = { file: "read", position: 0, id: "first" };
  const landed = [first, ...fates.map((fate, index) => line(index, fate))];
  const of = (...wanted: Fate[]) => fates.flatMap((fate, index) => (wanted.includes(fate) ? [line(index, fate)] : []));
  return {
    sent: landed.map(({ id }) => id),
    landed,
    published: [first, ...of("published")].map((one) => ({ ...one, id: String(one.id) })),
    quarantined: of("quarantined", "broken").map(({ file, position }) => ({ file, position, reason: "late" })),
    processed: new Set(["read"]),
  };
}

describe("the event accounting", () => {
  const fates = fc.array(fc.constantFrom<Fate>("published", "quarantined", "duplicate", "waiting", "broken"));

  test("counts each line exactly once", () => {
    fc.assert(
      fc.property(fates, (drawn) => {
        const { landed, published, quarantined, duplicates, waiting, lost, doubled } = accountFor(evidenceOf(drawn));
        expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
        expect(published + (quarantined.late ?? 0) + duplicates + waiting).toBe(landed);
      }),
    );
  });

  const good = evidenceOf(["published", "published", "quarantined", "duplicate", "broken"]);

  test("detects one lost and one duplicated event even if the totals agree", () => {
    const [first, , third] = good.published;
    if (first === undefined || third === undefined) throw new Error("three events are published");
    const published = [first, third, { ...third, position: 99 }];
    expect(accountFor({ ...good, published })).toMatchObject({ published: 3, lost: 1, doubled: 1 });
  });

  test("detects a published event that was never sent, such as a mixture of two events", () => {
    const published = good.published.map((one, index) => (index === 1 ? { ...one, id: "mixed" } : one));
    expect(accountFor({ ...good, published })).toMatchObject({ doubled: 1 });
  });

  test("detects a line that was both published and quarantined", () => {
    const quarantined = [...good.quarantined, { file: "read", position: 1, reason: "late" }];
    expect(accountFor({ ...good, quarantined })).toMatchObject({ doubled: 1 });
  });

  test("detects lines that never reached the lake, with or without an ID", () => {
    expect(accountFor({ ...good, sent: [...good.sent, "gone"] })).toMatchObject({ lost: 1 });
    expect(accountFor({ ...good, sent: [...good.sent, undefined, undefined] })).toMatchObject({ lost: 2 });
  });

  test("counts an event as lost if only one of two sent copies landed", () => {
    expect(accountFor({ ...good, sent: [...good.sent, "first"] })).toMatchObject({ lost: 1 });
  });

  test("counts a row whose raw line does not exist as doubled, even if its ID was sent", () => {
    const published = good.published.map((one, index) => (index === 1 ? { ...one, position: 98 } : one));
    expect(accountFor({ ...good, published })).toMatchObject({ doubled: 1 });
    const quarantined = [...good.quarantined, { file: "read", position: 97, reason: "late" }];
    expect(accountFor({ ...good, quarantined })).toMatchObject({ doubled: 1 });
  });

  test("counts every line of a file that was quarantined as a whole", () => {
    const landed = [1, 2, 3].map((position) => ({ file: "killer", position, id: `k${position}` }));
    const quarantined = [{ file: "killer", position: 0, reason: "unprocessable_file" }];
    const killer = { sent: ["k1", "k2", "k3"], landed, published: [], quarantined, processed: new Set(["killer"]) };
    expect(accountFor(killer)).toMatchObject({ quarantined: { unprocessable_file: 3 }, lost: 0, doubled: 0 });
  });

  test("does not count a record that the stream delivered twice as lost", () => {
    const again = { file: "read", position: 50, id: "first" };
    const landed = [...good.landed, again];
    expect(accountFor({ ...good, landed })).toMatchObject({ lost: 0, doubled: 0, duplicates: 2 });
  });

  test("identifies an event by its ID, whatever the ID's type", () => {
    expect(['{"id": 7}', '\uFEFF{"id": "7"}', '{"id": null}', "{"].map((line) => idOf(line, "id"))).toEqual([
      "7",
      "7",
      undefined,
      undefined,
    ]);
    // As a number of JavaScript's, these would be one ID.
    const [one, other] = ["9007199254740993", "9007199254740992"].map((id) =>
      idOf(`{"note": "1234567890123456789, \\" 5", "x": 0.1234567890123456789, "id": ${id}}`, "id"),
    );
    expect([one, other]).toEqual(["9007199254740993", "9007199254740992"]);
  });
});

test("the time spent in a state ends when the next state is entered or the execution ends", () => {
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

test("the job's own error message is extracted from the cause that Step Functions reports", () => {
  expect(readableCause('{"TrainingJobName":"a","FailureReason":"UserError: no \\"rows\\""}')).toBe(
    'UserError: no "rows"',
  );
  expect(readableCause('{"JobName":"a","ErrorMessage":"SqlError: \\"x\\"","cut off here')).toBe('SqlError: "x"');
  expect(readableCause("plain")).toBe("plain");
  expect(readableCause("")).toBe("no cause was given");
});

test("durations, counts and tables are formatted for reading", () => {
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
