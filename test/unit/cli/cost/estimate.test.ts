import { describe, expect, test } from "@jest/globals";
import { estimateCost } from "../../../../cli/cost/estimate";
import { instancePrice } from "../../../../cli/cost/prices";
import type { Registered } from "../../../../cli/shared/program";
import { makeSpec } from "../../../infra/support/spec";
import { makeConfig } from "../../../infra/support/stack";

const glueJobs = ["transform", "quality", "features", "score", "train-dataset", "monitor-checks"];

/** A program with one pipeline, `shop`: its stream and its Glue jobs, and whatever else is given. */
function program(changes: { spec?: object; settings?: object; stream?: object; others?: Registered[] } = {}) {
  const { spec, settings, stream, others = [] } = changes;
  const resource = (type: string, inputs: object): Registered => ({ type, name: "any", inputs: { ...inputs } });
  return {
    config: makeConfig([makeSpec("shop", { ...spec })], { ...settings }),
    resources: [
      resource("aws:kinesis/stream:Stream", { name: "daybreak-dev-shop", retentionPeriod: 72, ...stream }),
      ...glueJobs.map((suffix) =>
        resource("aws:glue/job:Job", { name: `daybreak-dev-shop-${suffix}`, numberOfWorkers: 2, workerType: "G.1X" }),
      ),
      ...others,
    ],
  };
}

const none = { eventsPerDay: 0, entities: 0 };
const quantities = (estimate: ReturnType<typeof estimateCost>) =>
  Object.fromEntries(estimate.lines.map(({ what, quantity }) => [what, Math.round(quantity * 100) / 100]));

describe("a stream", () => {
  test("of shards costs by the hour, and again for what it keeps beyond a day", () => {
    const { lines } = estimateCost(program({ stream: { shardCount: 2 } }), none);
    expect(lines.filter(({ what }) => what.startsWith("Kinesis"))).toMatchObject([
      { what: "Kinesis, shards", group: "standing", quantity: 1460, usd: 21.9 },
      { what: "Kinesis, kept beyond 24 hours", group: "standing", quantity: 1460, usd: 29.2 },
    ]);
    const short = estimateCost(program({ stream: { shardCount: 2, retentionPeriod: 24 } }), none);
    expect(quantities(short)["Kinesis, kept beyond 24 hours"]).toBeUndefined();
  });

  test("on demand costs by the hour and by the KB that its events fill", () => {
    const found = quantities(estimateCost(program(), { eventsPerDay: 1_000_000, entities: 0 }));
    // 30.4 million events of one KB; two days beyond the first are kept.
    expect(found).toMatchObject({
      "Kinesis, streams on demand": 730,
      "Kinesis, events in": 31.15,
      "Kinesis, events out": 31.15,
      "Kinesis, kept beyond 24 hours": 2.05,
      "Firehose, events delivered": 155.73,
    });
  });
});

test("few events make as many files, many make one for each interval of the buffer", () => {
  const files = (eventsPerDay: number) =>
    quantities(estimateCost(program({ settings: { firehoseBufferSeconds: 60 } }), { eventsPerDay, entities: 0 }))[
      "S3, files delivered"
    ];
  expect(files(100)).toBeCloseTo((100 * 365) / 12, 1);
  expect(files(1_000_000)).toBeCloseTo((1440 * 365) / 12, 1);
});

test("runs, trainings and checks cost as often as they are scheduled", () => {
  const of = (changes: object) => quantities(estimateCost(program(changes), none));
  const daily = of({});
  expect(daily).toMatchObject({ "Glue, transform": 2.03, "Glue, train-dataset": 2.03, "Glue, monitor-checks": 2.03 });
  const weekly = of({ spec: { schedule: { train: "weekly" }, monitoring: { every_hours: 6 } } });
  expect(weekly).toMatchObject({ "Glue, transform": 2.03, "Glue, train-dataset": 0.29, "Glue, monitor-checks": 8.11 });
  const off = estimateCost(program({ settings: { schedulesEnabled: false } }), none);
  expect(off.usd_per_month).toMatchObject({ runs: 0, training: 0 });
});

test("an endpoint costs all of its instances, day and night, and is no part of idling", () => {
  const serving = { instance_type: "ml.c5.xlarge", instance_count: 3 };
  const estimate = estimateCost(program({ spec: { serving } }), none);
  expect(estimate.lines).toContainEqual(
    expect.objectContaining({ group: "serving", pipeline: "shop", what: "SageMaker, endpoint", quantity: 2190 }),
  );
  const { idle, standing, runs, all } = estimate.usd_per_month;
  expect(idle).toBeCloseTo(standing + runs);
  expect(all).toBeGreaterThan(idle + 2190 * 0.2);
  expect(estimate.idle_usd_per_hour).toBeCloseTo(idle / 730);
});

test("the price of an instance grows with its size", () => {
  const usd = (type: string) => instancePrice(type)?.usd;
  expect([usd("ml.m5.large"), usd("ml.m5.xlarge"), usd("ml.m5.24xlarge")]).toEqual([0.1152, 0.2304, 5.5296]);
  expect(usd("ml.t3.medium")).toBeCloseTo(0.05, 3);
  expect([usd("ml.p99.xlarge"), usd("ml.m5.metal"), usd("m5.large")]).toEqual([undefined, undefined, undefined]);
});

test("what has no price is named: a type of resource, a Glue job, an instance", () => {
  const others: Registered[] = [
    { type: "aws:ec2/natGateway:NatGateway", name: "exit", inputs: {} },
    {
      type: "aws:glue/job:Job",
      name: "any",
      inputs: { name: "daybreak-dev-shop-new", numberOfWorkers: 2, workerType: "G.1X" },
    },
  ];
  const { unpriced, lines } = estimateCost(
    program({ others, spec: { serving: { instance_type: "ml.g5.xlarge" } } }),
    none,
  );
  expect(unpriced).toEqual([
    "aws:ec2/natGateway:NatGateway (exit)",
    "aws:glue/job:Job (daybreak-dev-shop-new)",
    "ml.g5.xlarge (shop)",
  ]);
  expect(lines.some(({ what }) => what === "SageMaker, endpoint")).toBe(false);
});
