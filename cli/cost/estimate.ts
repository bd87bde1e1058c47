/** Estimates what an environment costs in a month, from the program's resources, its pipelines and the price table. */
import type { z } from "zod";
import { instanceCount } from "../../infra/config";
import { pipelineNames } from "../../infra/names";
import type { PipelineSpec } from "../../spec/pipeline";
import { jobUnits } from "../shared/glue-jobs";
import type { Registered, RegisteredProgram } from "../shared/program";
import { instancePrice, type Price, priceRegion, prices, pricesBelievedOn } from "./prices";
import { hoursAMonth, standingCosts, stream } from "./resources";

/** What is done with each pipeline. */
export interface Load {
  eventsPerDay: number;
  /** The entities whose features a day's run writes to the online store. */
  entities: number;
}

/** Why something costs: it exists, a day has its run, events arrive, models are trained, a version serves. */
export const groups = ["standing", "runs", "events", "training", "serving"] as const;
export type Group = (typeof groups)[number];

export interface Line {
  group: Group;
  /** null if all pipelines share it. */
  pipeline: string | null;
  what: string;
  quantity: number;
  price: Price;
  usd: number;
}

export interface Estimate {
  environment: string;
  region: string;
  /** The region and the date of the prices. */
  prices: { region: string; believed_on: string };
  pipelines: string[];
  events_per_day: number;
  lines: Line[];
  idle_usd_per_hour: number;
  usd_per_month: Record<Group | "idle" | "all", number>;
  assumptions: string[];
  left_out: string[];
  /** Resources and instances without a price: they cost more than this estimate says. */
  unpriced: string[];
}

const days = 365 / 12;
const eventBytes = 500;
const bytesAGigabyte = 1e9;
const glueMinutes = 2;
const glueMinutesPerMillionEvents = 1;
const sageMakerMinutes = 5;
/** Training, evaluation and refit. */
const jobsOfATraining = 3;

const trainingsAMonth: Record<PipelineSpec["schedule"]["train"], number> = {
  daily: days,
  weekly: days / 7,
  monthly: 1,
  never: 0,
};

/** The Glue jobs: the end of each name, why it runs, and how often. The checks need a version that serves. */
const glueJobs: Record<string, { group: Group; times: (month: Month) => number }> = {
  transform: { group: "runs", times: ({ runs }) => runs },
  quality: { group: "runs", times: ({ runs }) => runs },
  features: { group: "runs", times: ({ runs }) => runs },
  "train-dataset": { group: "training", times: ({ trainings }) => trainings },
  score: { group: "serving", times: ({ runs }) => runs },
  "monitor-checks": { group: "serving", times: ({ checks }) => checks },
};

/** How often a pipeline's schedules start something in a month. */
interface Month {
  runs: number;
  trainings: number;
  checks: number;
}

export function estimateCost({ config, resources }: RegisteredProgram, load: Load): Estimate {
  const lines: Line[] = [];
  const unpriced = new Set<string>();
  const add = (group: Group, pipeline: string | null, what: string, quantity: number, price: Price) => {
    if (quantity > 0) lines.push({ group, pipeline, what, quantity, price, usd: quantity * price.usd });
  };
  for (const resource of resources) {
    const costs = standingCosts(resource);
    if (costs === undefined) unpriced.add(`${resource.type} (${resource.name})`);
    for (const { what, quantity, price } of costs ?? []) add("standing", null, what, quantity, price);
  }
  const jobs = named(resources, "aws:glue/job:Job");
  const streams = named(resources, "aws:kinesis/stream:Stream");
  for (const spec of config.pipelineSpecs) {
    const { prefix, stream: streamName } = pipelineNames({ ...config, accountId: "" }, spec.name);
    const month: Month = config.schedulesEnabled
      ? {
          runs: days,
          trainings: trainingsAMonth[spec.schedule.train],
          checks: (days * 24) / spec.monitoring.every_hours,
        }
      : { runs: 0, trainings: 0, checks: 0 };
    for (const [suffix, { group, times }] of Object.entries(glueJobs)) {
      const name = `${prefix}-${suffix}`;
      const { units } = jobUnits(jobs.get(name));
      jobs.delete(name);
      const minutes = glueMinutes + (glueMinutesPerMillionEvents * load.eventsPerDay) / 1e6;
      add(group, spec.name, `Glue, ${suffix}`, (times(month) * units * minutes) / 60, prices.glue);
    }
    const instance = (group: Group, what: string, type: string, hours: number) => {
      const found = instancePrice(type);
      if (found === undefined) unpriced.add(`${type} (${spec.name})`);
      else add(group, spec.name, `SageMaker, ${what}`, hours, found);
    };
    const { training, serving } = spec;
    const jobHours = sageMakerMinutes / 60;
    instance("training", "training jobs", training.instance_type, month.trainings * jobsOfATraining * jobHours);
    instance("serving", "scoring jobs", training.instance_type, month.runs * jobHours);
    instance("serving", "endpoint", serving.instance_type, instanceCount(config, spec) * hoursAMonth);
    for (const [what, quantity, price] of eventCosts(load, stream.parse(streams.get(streamName)), config, month))
      add("events", spec.name, what, quantity, price);
  }
  for (const name of jobs.keys()) unpriced.add(`aws:glue/job:Job (${name})`);
  return summary(config, load, lines, [...unpriced].sort());
}

/** The inputs of the resources of a type, by their physical names. */
function named(resources: readonly Registered[], type: string): Map<unknown, unknown> {
  return new Map(resources.filter((one) => one.type === type).map(({ inputs }) => [inputs.name, inputs]));
}

/** What a month of events costs, from the stream to the online store: what it is, how much of it, its price. */
function eventCosts(
  { eventsPerDay, entities }: Load,
  { shardCount, retentionPeriod }: z.infer<typeof stream>,
  { firehoseBufferSeconds }: RegisteredProgram["config"],
  { runs }: Month,
): [string, number, Price][] {
  const events = eventsPerDay * days;
  const gigabytes = (roundedTo: number) => (events * Math.ceil(eventBytes / roundedTo) * roundedTo) / bytesAGigabyte;
  const onDemand = gigabytes(1024);
  const files = Math.min(eventsPerDay, (24 * 3600) / Math.max(firehoseBufferSeconds, 1)) * days;
  const kept = Math.max(retentionPeriod - 24, 0) / 24;
  return [
    ...(shardCount === undefined
      ? ([
          ["Kinesis, events in", onDemand, prices.kinesisIn],
          ["Kinesis, events out", onDemand, prices.kinesisOut],
          ["Kinesis, kept beyond 24 hours", (onDemand / days) * kept, prices.kinesisRetention],
        ] satisfies [string, number, Price][])
      : ([["Kinesis, events in", events, prices.kinesisPut]] satisfies [string, number, Price][])),
    ["Firehose, events delivered", gigabytes(5 * 1024), prices.firehose],
    ["S3, files delivered", files, prices.s3Put],
    // As they arrived, and in the table of events.
    ["S3, a month's events", 2 * gigabytes(1), prices.s3Storage],
    ["Feature Store, records written", entities * runs, prices.onlineStoreWrite],
  ];
}

function summary(
  config: RegisteredProgram["config"],
  load: Load,
  lines: readonly Line[],
  unpriced: string[],
): Estimate {
  const sum = (...of: readonly Group[]) =>
    lines.filter(({ group }) => of.includes(group)).reduce((total, { usd }) => total + usd, 0);
  const idle = sum("standing", "runs");
  return {
    environment: config.environment,
    region: config.region,
    prices: { region: priceRegion, believed_on: pricesBelievedOn },
    pipelines: config.pipelineSpecs.map(({ name }) => name),
    events_per_day: load.eventsPerDay,
    lines: [...lines],
    idle_usd_per_hour: idle / hoursAMonth,
    usd_per_month: {
      ...{ standing: sum("standing"), runs: sum("runs"), events: sum("events") },
      ...{ training: sum("training"), serving: sum("serving"), idle, all: sum(...groups) },
    },
    assumptions: [
      `A month has ${hoursAMonth} hours. ${config.schedulesEnabled ? "Runs and checks start as scheduled" : "The schedules are off: nobody starts a run"}.`,
      `A Glue job runs for ${glueMinutes} minutes, and ${glueMinutesPerMillionEvents} more for each million events of a day.`,
      `A SageMaker job runs for ${sageMakerMinutes} minutes; a training has ${jobsOfATraining}. Every pipeline has a version that serves.`,
      `An event has ${eventBytes} bytes. A run writes the features of ${load.entities.toLocaleString("en-US")} entities of each pipeline to the online store.`,
    ],
    left_out: [
      "What is billed by use and is little here: Lambda, Step Functions, logs, custom metrics, traces, KMS and S3 requests, alerts, flow logs, what passes the endpoints of a private network.",
      "Predictions, deployments (both fleets run for minutes), data transfer, earlier months' data in S3, support, taxes.",
      "Nothing is deducted for free tiers, Savings Plans or spot instances.",
    ],
    unpriced,
  };
}
