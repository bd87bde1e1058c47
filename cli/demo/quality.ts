/** What the demo's lake says of the model's quality: the newest check, and every scored day with its estimate and its outcome. */
import { scoredDay } from "../../contracts/drift-report";
import { judgedDay, type ModelQuality, modelQuality, qualityEstimate } from "../../contracts/model-quality";
import type { QualityDay, Summary } from "../../contracts/summary";
import { listUris, readJson } from "../shared/lake";
import type { Demo } from "./context";

/** The newest check of the quality if it has not been recorded yet. */
export async function newQualityCheck({ pipeline, records }: Demo): Promise<ModelQuality | undefined> {
  const latest = await readJson(`${pipeline.datasets.model_quality.uri}/latest.json`, modelQuality);
  return latest?.checked_at === records.qualityChecks.at(-1)?.checked_at ? undefined : latest;
}

/** The quality in the demo's summary. */
export async function qualitySummary({ spec, pipeline, records }: Demo): Promise<Summary["quality"]> {
  const { alpha, window_days } = spec.monitoring.quality;
  const days = await listUris(`${pipeline.datasets.score_reports.uri}/days`);
  return {
    metric: spec.gates.champion.metric,
    alpha,
    window_days,
    days: (await Promise.all(days.map((uri) => qualityDay(uri, pipeline.datasets.model_quality.uri)))).flat(),
    checks: records.qualityChecks.map(({ versions, ...check }) => ({
      ...check,
      versions: versions.map(({ metrics: _, ...version }) => version),
    })),
  };
}

/** A scored day; nothing if a version of an earlier release scored it and its labels are not known. */
async function qualityDay(scoredUri: string, reports: string): Promise<QualityDay[]> {
  const scored = await readJson(scoredUri, scoredDay);
  if (scored === undefined) return [];
  const estimateUri = scored.drift_uri.replace(/[^/]*$/, "estimate.json");
  const [estimate, judged] = await Promise.all([
    readJson(estimateUri, qualityEstimate),
    readJson(`${reports}/days/${scored.as_of}.json`, judgedDay),
  ]);
  // A judgement of an earlier run's scores says nothing of these.
  const known = judged?.run_id === scored.run_id ? judged : undefined;
  const about = known ?? estimate;
  if (about === undefined) return [];
  return [
    {
      ...{ as_of: scored.as_of, version: about.version, rows: about.rows },
      ...{ estimate: estimate?.metrics ?? null, measured: known?.metrics ?? null },
    },
  ];
}
