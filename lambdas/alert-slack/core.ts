/** Renders an alert as a Slack message: what happened, in which pipeline, the figures, what to do next. */
import type { AlertKind, AlertMessage, AlertOf, WorkflowName } from "../../contracts/alert-message";
import type { VerdictRule } from "../../contracts/values";
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

const looks: Record<AlertKind | "lacks-evidence" | "drift" | "alarm" | "recovered" | "other", Look> = {
  "workflow-failed": { emoji: ":rotating_light:", color: red },
  "model-refused": { emoji: ":no_entry:", color: amber },
  "lacks-evidence": { emoji: ":scales:", color: grey },
  "training-skipped": { emoji: ":fast_forward:", color: grey },
  "model-registered": { emoji: ":mag:", color: blue },
  "model-deployed": { emoji: ":rocket:", color: green },
  "deployment-rolled-back": { emoji: ":rewind:", color: red },
  "retraining-started": { emoji: ":repeat:", color: blue },
  "retraining-postponed": { emoji: ":hourglass_flowing_sand:", color: amber },
  "retraining-suppressed": { emoji: ":pause_button:", color: grey },
  drift: { emoji: ":ocean:", color: amber },
  alarm: { emoji: ":bell:", color: red },
  recovered: { emoji: ":white_check_mark:", color: green },
  other: { emoji: ":speech_balloon:", color: grey },
};

/** Metrics of the drift check. Their alarms are shown as drift, not as a failure. */
const driftMetrics = new Set(["FeatureDrift", "ScoreDrift"]);

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
      return alert.approval === "automatic"
        ? show
        : [
            ...show,
            ["Approve it", ["approve", pipeline, alert.version, "--reason", "…"]],
            ["Reject it", ["reject", pipeline, alert.version, "--reason", "…"]],
          ];
    case "deployment-rolled-back":
      return [...show, ["Deploy it again", ["approve", pipeline, alert.version, "--redeploy", "--reason", "…"]]];
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

const workflowWords: Record<WorkflowName, string> = {
  run: "the run",
  serve: "the deployment",
  monitor: "the drift check",
};

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
        headline: `${alert.pipeline}: drift, retraining started`,
        blocks: [
          section(driftedLines(alert.drifted)),
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
        headline: `${alert.pipeline}: drift, retraining on ${alert.due}`,
        blocks: [
          section(driftedLines(alert.drifted)),
          section(
            `The drift began on ${alert.onset}. The labels of enough days since then will be known on ${alert.due}; the run at dawn of that day trains by itself. Before that a new model would have nothing to learn of the drift.`,
          ),
          ...facts({ "Serving version": alert.version, "As of": alert.asOf, Alarm: alert.alarmName }),
        ],
      };
    case "retraining-suppressed":
      return {
        headline: `${alert.pipeline}: drift alarm, no retraining`,
        blocks: [section(escapeMarkup(alert.reason)), ...facts({ Alarm: alert.alarmName })],
      };
  }
}

function driftedLines(drifted: AlertOf<"retraining-started">["drifted"]): string {
  return drifted.map(({ name, psi }) => `• ${code(name)} PSI ${psi.toFixed(3)}`).join("\n") || "Drift was detected.";
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
  const drift = driftMetrics.has(alarm.Trigger?.MetricName ?? "") || /-drift(-|$)/.test(alarm.AlarmName);
  const look = recovered ? looks.recovered : drift ? looks.drift : looks.alarm;
  const state = recovered ? "has recovered" : alarm.NewStateValue === "ALARM" ? "fired" : `is ${alarm.NewStateValue}`;
  const headline = drift && !recovered ? `Drift: ${alarm.AlarmName} ${state}` : `Alarm ${alarm.AlarmName} ${state}`;
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
