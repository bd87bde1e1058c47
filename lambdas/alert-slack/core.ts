/** Renders an alert as a Slack message: what happened, in which pipeline, the figures, what to do next. */
import type { AlertKind, AlertMessage, AlertOf, WorkflowName } from "../../contracts/alert-message";
import type { RetrainingCause, VerdictRule } from "../../contracts/values";
import { readableCause } from "../shared/cause";
import { commandLine } from "../shared/command-line";
import { foundText, lacksEvidence, refusalText } from "../shared/verdict";
import {
  type Block,
  clip,
  code,
  codeBlock,
  escapeMarkup,
  facts,
  type Look,
  message,
  type SlackMessage,
  section,
  smallPrint,
} from "./blocks";
import type { Alarm, Alert } from "./classify";

const red = "#d92d20";
const amber = "#f79009";
const green = "#12b76a";
const blue = "#2e90fa";
const grey = "#667085";

const looks: Record<
  AlertKind | "lacks-evidence" | "drift" | "quality" | "serving" | "alarm" | "recovered" | "other",
  Look
> = {
  "workflow-failed": { emoji: ":rotating_light:", color: red },
  "model-refused": { emoji: ":no_entry:", color: amber },
  "lacks-evidence": { emoji: ":scales:", color: grey },
  "training-skipped": { emoji: ":fast_forward:", color: grey },
  "model-registered": { emoji: ":mag:", color: blue },
  "model-promoted": { emoji: ":package:", color: blue },
  "model-deployed": { emoji: ":rocket:", color: green },
  "deployment-rolled-back": { emoji: ":rewind:", color: red },
  "retraining-started": { emoji: ":repeat:", color: blue },
  "retraining-postponed": { emoji: ":hourglass_flowing_sand:", color: amber },
  "retraining-suppressed": { emoji: ":pause_button:", color: grey },
  drift: { emoji: ":ocean:", color: amber },
  quality: { emoji: ":chart_with_downwards_trend:", color: amber },
  serving: { emoji: ":electric_plug:", color: red },
  alarm: { emoji: ":bell:", color: red },
  recovered: { emoji: ":white_check_mark:", color: green },
  other: { emoji: ":speech_balloon:", color: grey },
};

/** Metrics of the checks of the serving version. Their alarms are shown as what they found, not as a failure. */
const watchedMetrics: Readonly<Record<string, { look: Look; word: string }>> = {
  FeatureDrift: { look: looks.drift, word: "Drift" },
  ScoreDrift: { look: looks.drift, word: "Drift" },
  QualityShortfall: { look: looks.quality, word: "Worse than its evaluation" },
  ServingSkew: { look: looks.serving, word: "Serving differs from what is stored" },
};

/**
 * The Slack message of an alert.
 *
 * @param isLocal whether the stack is in a local cloud, which commands use by default
 */
export function render(alert: Alert, isLocal = false): SlackMessage {
  if (alert.type === "message") return renderMessage(alert.message, isLocal);
  if (alert.type === "alarm") return renderAlarm(alert.alarm);
  return message(looks.other, alert.subject ?? "Message on the alerts topic", [section(codeBlock(pretty(alert.text)))]);
}

function renderMessage(alert: AlertMessage, isLocal: boolean): SlackMessage {
  const { headline, blocks } = contentOf(alert);
  const commands = commandsOf(alert).map(
    ([purpose, words]) => `${purpose}: ${code(commandLine(words, isLocal ? {} : { environment: alert.environment }))}`,
  );
  const origin = [code(`${alert.pipeline} · ${alert.environment}`)];
  if ("executionArn" in alert && alert.executionArn) origin.push(`execution ${code(alert.executionArn)}`);
  const next = commands.length === 0 ? [] : [section(commands.join("\n"))];
  return message(lookOf(alert), headline, [...blocks, ...next, smallPrint(origin.join("  "))]);
}

/** A refusal for lack of evidence is news, but nothing is wrong. */
const lookOf = (alert: AlertMessage): Look =>
  alert.kind === "model-refused" && lacksEvidence(alert.verdict) ? looks["lacks-evidence"] : looks[alert.kind];

/** What a reviewer may do about a version. */
const decisions = (pipeline: string, version: number): [string, (string | number)[]][] => [
  ["Approve it", ["approve", pipeline, version, "--reason", "…"]],
  ["Reject it", ["reject", pipeline, version, "--reason", "…"]],
];

/** What a person may do about an alert, as words after `npx daybreak`. */
function commandsOf(alert: AlertMessage): [string, (string | number)[]][] {
  const { pipeline } = alert;
  const execution = "executionArn" in alert ? alert.executionArn : undefined;
  const shown = execution ?? ("runId" in alert ? alert.runId : undefined);
  const show: [string, string[]][] = shown ? [["Show it", ["show", shown]]] : [];
  switch (alert.kind) {
    case "workflow-failed":
      return alert.runId && haltedByRule.test(alert.cause)
        ? [...show, ["Publish its batch anyway", ["release", pipeline, alert.runId, "--reason", "…"]]]
        : show;
    case "model-registered":
      return alert.approval === "automatic" ? show : [...show, ...decisions(pipeline, alert.version)];
    case "model-promoted":
      return decisions(pipeline, alert.version);
    case "deployment-rolled-back":
      return [...show, ["Deploy it again", ["deploy", pipeline, alert.version, "--reason", "…"]]];
    case "retraining-started":
      return [["Follow it", ["show", alert.executionArn, "--follow"]]];
    case "model-refused":
    case "training-skipped":
    case "model-deployed":
      return show;
    case "retraining-postponed":
    case "retraining-suppressed":
      return [["See the newest runs", ["runs", pipeline]]];
  }
}

/** The error of a quality step whose batch a person may publish. */
const haltedByRule = /DatasetRuleBroken/;

/** Of the refusals that follow one for lack of evidence. */
const quietText =
  "It is not known to be worse: there are too few rows to tell. Until another version serves or pipeline.yaml changes, no further message is sent about refusals for lack of evidence.";

/** Of the runs that follow one with too little history. */
const quietHistoryText =
  "Until another version serves or pipeline.yaml changes, no further message is sent about too little history.";

const workflowWords: Record<WorkflowName, string> = {
  run: "the run",
  serve: "the deployment",
  monitor: "the monitoring",
};

const causeWords: Record<RetrainingCause, string> = { drift: "drift", quality: "worse than its evaluation" };

const skippedWords: Record<AlertOf<"training-skipped">["outcome"], string> = {
  unchanged: "nothing has changed",
  not_enough_history: "not enough history",
};

interface Content {
  headline: string;
  blocks: Block[];
}

function contentOf(alert: AlertMessage): Content {
  switch (alert.kind) {
    case "workflow-failed":
      return {
        headline: `${alert.pipeline}: ${workflowWords[alert.workflow]} failed${alert.step ? ` at ${alert.step}` : ""}`,
        blocks: [
          section(`*${escapeMarkup(alert.error)}*\n${codeBlock(pretty(readableCause(alert.cause)))}`),
          ...facts({ Run: alert.runId }),
        ],
      };
    case "model-refused":
      return {
        headline: `${alert.pipeline}: ${refusalText(alert.verdict)} of ${alert.asOf}`,
        blocks: [
          section(verdictLines(alert.verdict)),
          ...warningLines(alert.warnings),
          section("Nothing was registered; the endpoint keeps its current version."),
          ...(lacksEvidence(alert.verdict) ? [section(quietText)] : []),
          ...facts({ Run: alert.runId, "As of": alert.asOf }),
        ],
      };
    case "training-skipped":
      return {
        headline: `${alert.pipeline}: no model was trained as of ${alert.asOf}: ${skippedWords[alert.outcome]}`,
        blocks: [
          section(escapeMarkup(alert.reason)),
          section("The endpoint keeps its current version."),
          ...(alert.outcome === "not_enough_history" ? [section(quietHistoryText)] : []),
          ...facts({ Run: alert.runId, "As of": alert.asOf }),
        ],
      };
    case "model-registered": {
      const automatic = alert.approval === "automatic";
      return {
        headline: `${alert.pipeline}: model v${alert.version} ${automatic ? "was approved automatically" : "awaits approval"}`,
        blocks: [
          section(verdictLines(alert.verdict)),
          ...alert.evidence.map((text) => section(escapeMarkup(text))),
          ...warningLines(alert.warnings),
          ...facts({ Run: alert.runId, "As of": alert.asOf }),
          smallPrint(code(alert.modelPackageArn)),
        ],
      };
    }
    case "model-promoted":
      return {
        headline: `${alert.pipeline}: model v${alert.version}, promoted from ${alert.from}, awaits approval`,
        blocks: [
          section(escapeMarkup(alert.description)),
          ...warningLines(alert.warnings),
          ...facts({ "Promoted by": alert.promotedBy }),
          smallPrint(code(alert.modelPackageArn)),
        ],
      };
    case "model-deployed":
      return {
        headline: `${alert.pipeline}: the endpoint serves model v${alert.version}`,
        blocks: facts({ Endpoint: alert.endpointName, Version: alert.version }),
      };
    case "deployment-rolled-back":
      return {
        headline: `${alert.pipeline}: model v${alert.version} was rolled back`,
        blocks: [
          section(codeBlock(pretty(readableCause(alert.reason)))),
          ...facts({ Endpoint: alert.endpointName, Version: alert.version }),
        ],
      };
    case "retraining-started":
      return {
        headline: `${alert.pipeline}: ${causeWords[alert.cause]}, retraining started`,
        blocks: [
          section(evidenceLines(alert)),
          ...facts({
            "Serving version": alert.version,
            "Rows checked": alert.rows,
            "As of": alert.asOf,
            Alarm: alert.alarmName,
          }),
        ],
      };
    case "retraining-postponed":
      return {
        headline: `${alert.pipeline}: ${causeWords[alert.cause]}, retraining on ${alert.due}`,
        blocks: [
          section(evidenceLines(alert)),
          section(
            `It began on ${alert.onset}. The labels of enough days since then will be known on ${alert.due}; the run at dawn of that day trains by itself. Before that a new model would have nothing to learn of it.`,
          ),
          ...facts({ "Serving version": alert.version, "As of": alert.asOf, Alarm: alert.alarmName }),
        ],
      };
    case "retraining-suppressed":
      return {
        headline: `${alert.pipeline}: ${alert.cause} alarm, no retraining`,
        blocks: [section(escapeMarkup(alert.reason)), ...facts({ Alarm: alert.alarmName })],
      };
  }
}

type Evidence = Pick<AlertOf<"retraining-started">, "drifted" | "shortfall" | "version">;

/** What the check found: the drifted features, or the metrics beside those of the evaluation. */
function evidenceLines({ drifted, shortfall, version }: Evidence): string {
  if (shortfall !== null) {
    const { days, rows, metrics } = shortfall;
    const over = days.length === 1 ? `as of ${days[0]}` : `of ${days.length} as-of days, ${days[0]} to ${days.at(-1)}`;
    const lines = metrics.map(({ name, value, interval, promised, promisedInterval }) => {
      const now = `• ${code(name)} ${rangeText(value, interval)}`;
      return promised === null ? now : `${now}; in the evaluation ${rangeText(promised, promisedInterval)}`;
    });
    return [`What happened after ${rows} scores of v${version} (${over}), with 95 % intervals:`, ...lines].join("\n");
  }
  return drifted.map(({ name, psi }) => `• ${code(name)} PSI ${psi.toFixed(3)}`).join("\n") || "Drift was detected.";
}

function rangeText(value: number | null, interval: readonly [number, number] | null): string {
  const digits = (number: number) => number.toFixed(3);
  if (value === null) return "unknown";
  return interval === null ? digits(value) : `${digits(value)} [${interval.map(digits).join(", ")}]`;
}

function verdictLines(verdict: readonly VerdictRule[]): string {
  const lines = verdict.map((one) => {
    const { rule, expected, passed, reason } = one;
    const mark = passed ? ":white_check_mark:" : ":x:";
    const why = reason === undefined ? "" : `\n      ${escapeMarkup(reason)}`;
    return `${mark} *${escapeMarkup(rule)}* ${escapeMarkup(foundText(one))} (${escapeMarkup(String(expected))})${why}`;
  });
  return lines.join("\n") || "The gate has no rules.";
}

function warningLines(warnings: readonly string[]): Block[] {
  return warnings.map((warning) => section(`:warning: ${escapeMarkup(warning)}`));
}

function renderAlarm(alarm: Alarm): SlackMessage {
  const recovered = alarm.NewStateValue === "OK";
  const watched = watchedMetrics[alarm.Trigger?.MetricName ?? ""];
  const look = recovered ? looks.recovered : (watched?.look ?? looks.alarm);
  const state = recovered ? "has recovered" : alarm.NewStateValue === "ALARM" ? "fired" : `is ${alarm.NewStateValue}`;
  const headline =
    watched && !recovered ? `${watched.word}: ${alarm.AlarmName} ${state}` : `Alarm ${alarm.AlarmName} ${state}`;
  const dimensions = (alarm.Trigger?.Dimensions ?? []).map(({ name, value }) => `${name} ${value}`).join(", ");
  return message(look, headline, [
    section(escapeMarkup(alarm.AlarmDescription || "This alarm has no description.")),
    ...(alarm.NewStateReason ? [section(codeBlock(alarm.NewStateReason))] : []),
    ...facts({
      Metric: alarm.Trigger?.MetricName ?? undefined,
      Dimensions: dimensions,
      Since: alarm.StateChangeTime ?? undefined,
    }),
  ]);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return clip(text, 2900);
  }
}
