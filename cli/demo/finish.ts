/** Ends a demo: accounts for all events and writes the results into one summary. */
import { setTimeout as sleep } from "node:timers/promises";
import { type DeploymentSummary, type SlackMessage, slackMessagesAt } from "@daybreak/local";
import type { Summary } from "../../contracts/summary";
import { readGitVersion } from "../../infra/git";
import { brokenTexts, refusalText } from "../../lambdas/shared/verdict";
import type { PipelineSpec } from "../../spec/pipeline";
import { capital, isRetraining, longDay } from "../report/format";
import { repositoryRoot } from "../shared/paths";
import { accountForEvents } from "./accounting";
import type { Demo } from "./context";
import { qualitySummary } from "./quality";
import { dayOf } from "./timeline";
import { quantile } from "./traffic";

const alertTimeoutMilliseconds = 10_000;

export interface Ending {
  deployment: DeploymentSummary;
  peakMemoryBytes: number;
  /** The cause, if a workflow failed. */
  failure: string | undefined;
}

/** The summary of the demo. */
export async function summarize(demo: Demo, ending: Ending): Promise<Summary> {
  const { spec, records, progress, replay } = demo;
  const { total } = demo.traffic;
  const outcome = outcomeOf(demo, ending.failure);
  const events = await accountForEvents(demo);
  const messages = await settledMessages(demo);
  return {
    schema: "daybreak-summary/3",
    pipeline: {
      ...{ name: spec.name, description: spec.description, entity: spec.entity },
      ...{ label: spec.label.name, label_description: spec.label.description, horizon_days: spec.label.horizon_days },
      window_days: spec.features.window_days,
      drift: spec.monitoring.drift,
      features: columnsOf(spec, ({ description }) => description),
      feature_types: columnsOf(spec, ({ type }) => type),
    },
    outcome,
    headline: headlineOf(demo, outcome, ending.failure),
    generated_at: new Date().toISOString(),
    git: readGitVersion(repositoryRoot),
    data: {
      file: replay.title,
      first_day: dayOf(replay.range.first),
      last_day: dayOf(replay.range.last),
      events: replay.size,
      entities: replay.entities,
    },
    infrastructure: {
      resources: ending.deployment.created + ending.deployment.updated + ending.deployment.unchanged,
      seconds: ending.deployment.seconds,
    },
    events,
    stages: progress.stages,
    runs: records.runs,
    models: records.models,
    drift: records.checks,
    serving: records.servingChecks,
    quality: await qualitySummary(demo),
    alarms: records.alarms,
    alerts: messages.map(({ received_at, message }) => ({
      at: received_at,
      title: typeof message.text === "string" ? message.text : "",
      text: textOf(message),
    })),
    deployments: records.deployments,
    requests: {
      ...{ served: total.served, stale: total.stale, failed: total.failed },
      ...{ errors: total.errors, by_version: total.byVersion },
      p50_milliseconds: quantile(total.latencies, 0.5),
      p99_milliseconds: quantile(total.latencies, 0.99),
    },
    seconds: progress.elapsed,
    peak_memory_bytes: ending.peakMemoryBytes,
  };
}

type Column = PipelineSpec["features"]["columns"][string];

const columnsOf = <Value>({ features }: PipelineSpec, of: (column: Column) => Value): Record<string, Value> =>
  Object.fromEntries(Object.entries(features.columns).map(([name, column]) => [name, of(column)]));

/**
 * The messages posted to Slack. Waits until there are as many as alert messages, because the Lambda may still be posting
 * the last ones when the workflow has ended.
 */
async function settledMessages({ cloud, inbox, spec }: Demo): Promise<SlackMessage[]> {
  const expected = spec.alerts.slack ? (await inbox.messages()).length : 0;
  const until = Date.now() + alertTimeoutMilliseconds;
  let messages = await slackMessagesAt(cloud);
  while (messages.length < expected && Date.now() < until) {
    await sleep(200);
    messages = await slackMessagesAt(cloud);
  }
  return messages;
}

/** All text in a Slack message's blocks. */
function textOf(message: unknown): string {
  if (typeof message === "string") return "";
  if (Array.isArray(message)) return message.map(textOf).filter(Boolean).join("\n");
  if (typeof message !== "object" || message === null) return "";
  return Object.entries(message)
    .map(([key, value]) => (key === "text" && typeof value === "string" ? value : textOf(value)))
    .filter(Boolean)
    .join("\n");
}

function outcomeOf({ records }: Demo, failure: string | undefined): Summary["outcome"] {
  if (failure !== undefined) return "failed";
  const deployed = records.deployments.filter(({ outcome }) => outcome === "deployed").length;
  const last = records.runs.findLast(({ mode }) => mode === "train");
  if (last?.outcome === "not_enough_history" && records.models.length === 0) return "not enough history";
  if (deployed === 0) return "refused";
  return deployed > 1 ? "second version serves" : "one version serves";
}

function headlineOf({ records }: Demo, outcome: Summary["outcome"], failure: string | undefined): string {
  const refused = records.models.find(({ stage }) => stage === "Refused");
  const gate = refused === undefined ? "" : ` ${brokenTexts(refused.verdict).join(" ")}`;
  const refusal = refusalText(refused?.verdict ?? []);
  switch (outcome) {
    case "failed":
      return `The run stopped: ${failure}`;
    case "refused":
      return `${capital(refusal)}, and nothing was deployed.${gate}`;
    case "not enough history":
      return `There is not enough history for a first model: ${records.runs.at(-1)?.cause ?? ""}.`;
    case "one version serves":
      return refused === undefined
        ? "v1 serves; no alarm started a retraining before the data ended."
        : `v1 serves; ${refusal} that was trained ${isRetraining(refused.trigger) ? `after the ${refused.trigger.type} alarm` : "later"}.${gate}`;
    default: {
      const drift = records.checks.find(({ consequence }) =>
        /^retraining-(started|postponed)$/.test(consequence.outcome),
      );
      const serving = records.models.find(({ stage }) => stage === "Production");
      if (drift === undefined) {
        const steady = records.checks.every(({ status }) => status !== "drift") ? "No drift among the customers; " : "";
        return `${steady}v${serving?.version ?? "?"}, of ${longDay(serving?.as_of ?? "")}, replaced v1 under live traffic.`;
      }
      return `Drift in the customers of ${longDay(drift.as_of)} led to a retraining; v${serving?.version ?? "?"} replaced v1 under live traffic.`;
    }
  }
}
