/** How good a model is in the segments that the pipeline declares. */
import type { Segment } from "../../../contracts/evaluation";
import type { ModelSummary } from "../../../contracts/summary";
import { segmentsText } from "../../../lambdas/shared/evidence";
import { metric, modelName, name, percent, whole } from "../format";
import { html, type Markup } from "../html";
import { range } from "../parts/range";
import { table } from "../parts/table";

type Metrics = NonNullable<Segment["metrics"]>;

/** A figure with its 95 % interval. */
function estimate(metrics: Segment["metrics"], of: keyof Metrics): Markup | string {
  if (metrics === null) return "";
  const { value, interval } = metrics[of];
  return html`${metric(value)}${range(interval)}`;
}

/** The segments of the newest model that has some; nothing if the pipeline declares none. */
export function segments(models: readonly ModelSummary[]): Markup | false {
  const model = models.findLast((one) => one.segments.length > 0);
  if (model === undefined) return false;
  return html`<h3>Segments</h3>
  <p>${segmentsText(model.segments, model.evaluation?.metrics.auc ?? null)}</p>
  ${table({
    caption: `${modelName(model)} by segment, with 95 % intervals`,
    columns: [
      { head: "Segment", cell: ({ column, segment }) => html`${name(column)} <bdi>${segment}</bdi>` },
      { head: "Test rows", number: true, lead: true, cell: ({ rows }) => whole(rows) },
      {
        head: "Base rate",
        number: true,
        cell: ({ base_rate }) => (base_rate === null ? "–" : percent(base_rate)),
      },
      { head: "AUC", number: true, cell: ({ metrics }) => estimate(metrics, "auc") },
      { head: "F1", number: true, cell: ({ metrics }) => estimate(metrics, "f1") },
      { head: "Log loss", number: true, cell: ({ metrics }) => estimate(metrics, "log_loss") },
    ],
    rows: model.segments,
    below: ({ metrics }) => (metrics === null ? "too few rows of a class for figures that mean something" : ""),
  })}`;
}
