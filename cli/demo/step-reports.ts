/** Reads what the steps of a run wrote down about themselves. */
import { z } from "zod";
import type { ModelSummary } from "../report/summary";
import { readJson } from "../shared/lake";

const count = z.number().int().nonnegative();
const reasons = z.record(z.string(), count);

/** How long the step's own script worked, by its own clock. */
const seconds = z.number().nonnegative().optional();

const transform = z.looseObject({
  seconds,
  lines_read: count,
  staged_rows: count,
  duplicates_removed: count,
  reread_rows: count,
  quarantined: reasons,
});
const quality = z.looseObject({ seconds, rows_published: count, quarantined: reasons, published: z.boolean() });
const features = z.looseObject({ seconds, rows_appended: count });
const dataset = z.looseObject({ rows: z.record(z.string(), count) });

const modelEvaluation = z.looseObject({
  metrics: z.record(z.string(), z.number().nullable()),
  threshold: z.number(),
  confusion: z.looseObject({ tp: count, fp: count, tn: count, fn: count }),
  calibration: z.array(
    z.looseObject({ mean_score: z.number().nullable(), observed_rate: z.number().nullable(), count }),
  ),
  roc: z.array(z.tuple([z.number(), z.number()])).nullish(),
  precision_recall: z.array(z.tuple([z.number(), z.number()])).nullish(),
});
const evaluation = z.looseObject({
  challenger: modelEvaluation,
  champion: z
    .looseObject({
      version: z.union([z.number(), z.string()]).nullish(),
      metrics: z.record(z.string(), z.number().nullable()),
    })
    .nullish(),
  test_rows: count.nullish(),
  base_rate: z.number().nullish(),
});
const shap = z.looseObject({
  features: z.array(z.looseObject({ name: z.string(), mean_abs_shap: z.number() })),
  sample: z.array(
    z.looseObject({ feature: z.string(), value: z.union([z.number(), z.string()]).nullable(), shap: z.number() }),
  ),
});

/** The most sample points that the summary keeps of one feature. */
const pointsPerFeature = 250;
const featuresShown = 10;

/** The reports of one run; a step that did not run, or did not get so far, is undefined. */
export async function readStepReports(bucket: string, pipeline: string, runId: string) {
  const read = <Value>(name: string, schema: z.ZodType<Value>) =>
    readJson(bucket, `reports/${pipeline}/runs/${runId}/${name}.json`, schema);
  const [transformed, checked, featured] = await Promise.all([
    read("transform", transform),
    read("quality", quality),
    read("features", features),
  ]);
  return { transform: transformed, quality: checked, features: featured };
}
export type StepReports = Awaited<ReturnType<typeof readStepReports>>;

type Evidence = Pick<
  ModelSummary,
  "evaluation" | "champion" | "test_rows" | "base_rate" | "rows" | "importance" | "shap"
>;

/** What the evaluation of a run's model found. */
export async function readEvidence(bucket: string, pipeline: string, runId: string): Promise<Evidence> {
  const folder = `reports/${pipeline}/runs/${runId}`;
  const [evaluated, explained, trainedOn] = await Promise.all([
    readJson(bucket, `${folder}/evaluation/evaluation.json`, evaluation),
    readJson(bucket, `${folder}/evaluation/shap.json`, shap),
    readJson(bucket, `${folder}/train-dataset.json`, dataset),
  ]);
  const challenger = evaluated?.challenger;
  return {
    evaluation:
      challenger === undefined
        ? null
        : { ...challenger, roc: challenger.roc ?? [], precision_recall: challenger.precision_recall ?? [] },
    champion:
      evaluated?.champion == null
        ? null
        : { version: evaluated.champion.version ?? null, metrics: evaluated.champion.metrics },
    test_rows: evaluated?.test_rows ?? null,
    base_rate: evaluated?.base_rate ?? null,
    rows: trainedOn?.rows ?? {},
    importance: explained?.features ?? [],
    shap: thinned(explained?.sample ?? [], (explained?.features ?? []).slice(0, featuresShown)),
  };
}

/** Every n-th point of each of the top features: enough to see the shape, and a page that opens at once. */
function thinned(sample: ModelSummary["shap"], top: readonly { name: string }[]): ModelSummary["shap"] {
  return top.flatMap(({ name }) => {
    const points = sample.filter(({ feature }) => feature === name);
    const every = Math.max(1, Math.ceil(points.length / pointsPerFeature));
    return points.filter((_, position) => position % every === 0);
  });
}
