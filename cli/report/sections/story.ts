/** What happened, in the data's calendar: models, deployments and drift checks in their order. */
import type { DriftSummary, ModelSummary, Summary } from "../../../contracts/summary";
import { driftedFeatures } from "../../../lambdas/shared/drift";
import { brokenTexts, refusalText } from "../../../lambdas/shared/verdict";
import { duration } from "../../shared/output";
import {
  capital,
  consequenceText,
  counted,
  entryOf,
  longDay,
  metric,
  modelName,
  name,
  percent,
  sentence,
  triggerText,
  whole,
} from "../format";
import { html, type Markup, type Value } from "../html";
import { section, type Tone } from "../parts/section";

interface Chapter {
  from: string;
  until: string;
  tone: Tone;
  title: Value;
  text: Value;
}

/** What a training set leaves out, because the data begins too late for it. */
function windows({ run_id }: ModelSummary, runs: Summary["runs"]): string {
  const days = runs.find((run) => run.run_id === run_id)?.incomplete_windows ?? 0;
  return days === 0 ? "" : ` (without ${counted(days, "as-of day")} whose window begins before the first event)`;
}

function modelChapter(model: ModelSummary, { deployments, runs }: Summary): Chapter {
  const from = model.as_of;
  const { auc } = model.evaluation?.metrics ?? {};
  const trained = `Started by: ${triggerText(model.trigger)}. Trained on ${whole(model.rows.train ?? 0)} rows${windows(model, runs)}; AUC ${metric(auc)}.`;
  if (model.version === null) {
    const title = capital(refusalText(model.verdict));
    return {
      from,
      until: from,
      tone: "bad",
      title,
      text: [trained, ...brokenTexts(model.verdict)].join(" "),
    };
  }
  const deployment = deployments.findLast(({ version }) => version === model.version);
  const approval = model.approval === null ? "" : ` Approved by ${model.approval.by}.`;
  const title = `${modelName(model)} passed the gate${deployment === undefined ? "" : deployment.outcome === "deployed" ? " and was deployed" : "; its deployment failed"}`;
  const served =
    deployment === undefined
      ? ""
      : deployment.outcome === "failed"
        ? ` ${sentence(deployment.cause ?? "")}`
        : ` Deployed in ${duration(deployment.seconds)}; ${deployment.requests_during === 0 ? "no requests came meanwhile" : `${whole(deployment.failed_during)} of ${counted(deployment.requests_during, "request")} failed meanwhile`}.`;
  const tone = deployment?.outcome === "failed" ? "bad" : deployment === undefined ? "blue" : "good";
  return { from, until: from, tone, title, text: `${trained}${approval}${served}` };
}

function closest(checks: readonly DriftSummary[]): Value {
  const [worst] = checks
    .flatMap(({ features }) => Object.entries(features))
    .filter(([, { importance }]) => importance > 0)
    .sort(([, one], [, other]) => other.strength - one.strength);
  return worst === undefined
    ? ""
    : html`Closest to drift: ${name(worst[0])}, with ${percent(Math.min(1, worst[1].strength), 0)} of what counts as drift.`;
}

function checksChapter(checks: readonly DriftSummary[]): Chapter | undefined {
  const [first] = checks;
  const last = checks.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const range = { from: first.as_of, until: last.as_of };
  if (first.status === "skipped") {
    const title = checks.length === 1 ? "Drift check skipped" : `${whole(checks.length)} drift checks skipped`;
    return { ...range, tone: "soft", title, text: sentence(capital(last.reason ?? "")) };
  }
  if (first.status === "stable") {
    const title = checks.length === 1 ? "No drift" : `No drift in ${whole(checks.length)} checks`;
    return { ...range, tone: "soft", title, text: closest(checks) };
  }
  const drifted = driftedFeatures(last.features);
  const scores = last.score?.drifted === true ? ["the scores"] : [];
  const what: Value[] = [
    ...drifted
      .slice(0, 3)
      .map((feature) => html`${name(feature)} (PSI ${entryOf(last.features, feature)?.psi.toFixed(2)})`),
    ...(drifted.length > 3 ? [`${counted(drifted.length - 3, "other feature")}`] : []),
    ...scores,
  ];
  const listed = what.map((one, position) => [position > 0 && ", ", one]);
  const title = checks.length === 1 ? "Drift" : `Drift in ${whole(checks.length)} checks`;
  return {
    ...range,
    tone: "warn",
    title,
    text: html`${listed}. ${sentence(capital(consequenceText(last.consequence)))}`,
  };
}

/** Consecutive checks of one version with the same result are one chapter, unless a retraining followed. */
function checkGroups(checks: readonly DriftSummary[]): DriftSummary[][] {
  const groups: DriftSummary[][] = [];
  for (const check of checks) {
    const before = groups.at(-1)?.at(-1);
    const continues =
      before !== undefined &&
      before.status === check.status &&
      before.version === check.version &&
      before.consequence.outcome === check.consequence.outcome &&
      check.consequence.outcome !== "retraining-started";
    if (continues) groups.at(-1)?.push(check);
    else groups.push([check]);
  }
  return groups;
}

export function story(summary: Summary): Markup | undefined {
  const models = summary.models.map((model) => modelChapter(model, summary));
  const checks = checkGroups(summary.drift).flatMap((group) => checksChapter(group) ?? []);
  const failures = summary.runs
    .filter(({ outcome }) => outcome === "failed")
    .map((run): Chapter => {
      const title = "A run failed";
      return { from: run.as_of, until: run.as_of, tone: "bad", title, text: sentence(run.cause ?? "") };
    });
  const withoutModel = summary.runs
    .filter(({ outcome }) => outcome === "unchanged" || outcome === "not_enough_history")
    .map((run): Chapter => {
      const title = run.outcome === "unchanged" ? "Nothing to train" : "Not enough history";
      return { from: run.as_of, until: run.as_of, tone: "soft", title, text: sentence(capital(run.cause ?? "")) };
    });
  // A stable sort: where a check and a model have the same day, the check caused the training.
  const chapters = [...checks, ...models, ...withoutModel, ...failures].sort((one, other) =>
    one.until.localeCompare(other.until),
  );
  if (chapters.length === 0) return undefined;
  return section(
    "story",
    "What happened",
    html`<ol class="story">${chapters.map(
      ({ from, until, tone, title, text }) =>
        html`<li class="${tone}"><span class="when">${from === until ? longDay(from) : `${longDay(from)} – ${longDay(until)}`}</span><div><b>${title}</b><p>${text}</p></div></li>`,
    )}</ol>`,
  );
}
