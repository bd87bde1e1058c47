/** Compares captured requests with the baseline of the serving version and decides whether they have drifted. */

import type { DriftReport, ReadMark } from "../../contracts/drift-report";
import type { PipelineConfig } from "../../spec/pipeline";
import { driftedFeatures } from "../shared/drift";
import type { CapturedRequest } from "./capture";
import { Histogram } from "./histogram";
import type { BaselineShares } from "./shares";

/** A report has the bins of at most this many features: it is a state's output, which Step Functions limits to 256 KB. */
const mostBinnedFeatures = 12;

/** Collects captured requests in one histogram per feature and one of the scores. */
export class DriftCheck {
  readonly #features: ReadonlyMap<string, Histogram>;
  readonly #prediction: Histogram;
  samples = 0;
  unreadable = 0;

  constructor(baseline: BaselineShares) {
    this.#features = new Map(
      Object.entries(baseline.features).map(([name, feature]) => [name, new Histogram(feature)]),
    );
    this.#prediction = new Histogram(baseline.prediction);
  }

  /** Counts the request of one captured line; undefined means that the line could not be parsed. */
  add(request: CapturedRequest | undefined): void {
    if (request === undefined) {
      this.unreadable += 1;
      return;
    }
    for (const instance of request.instances) {
      this.samples += 1;
      for (const [name, histogram] of this.#features) histogram.add(instance[name]);
    }
    for (const score of request.scores) this.#prediction.add(score);
  }

  /** The PSI of every feature and of the scores, compared with the pipeline's thresholds. */
  measure(limits: PipelineConfig["monitoring"]): Pick<DriftReport, "features" | "prediction"> {
    const features: DriftReport["features"] = {};
    for (const [name, histogram] of this.#features) {
      const psi = histogram.psi();
      features[name] = { psi, drifted: psi >= limits.feature_psi };
    }
    for (const name of driftedFeatures(features).slice(0, mostBinnedFeatures)) {
      const [measured, histogram] = [features[name], this.#features.get(name)];
      if (measured !== undefined && histogram !== undefined) measured.bins = histogram.bins();
    }
    if (this.#prediction.total === 0) return { features, prediction: null };
    const psi = this.#prediction.psi();
    const drifted = psi >= limits.prediction_psi;
    return { features, prediction: { psi, drifted, ...(drifted && { bins: this.#prediction.bins() }) } };
  }
}

/** The context of a check. */
export interface CheckContext {
  version: number;
  modelPackageArn: string;
  asOf: string;
  checkedAt: Date;
  captureObjects: number;
  readThrough: ReadMark | null;
  /** The end of the last check. A skipped check keeps it, so that its samples count in the next one. */
  lastRead: ReadMark | null;
}

/** The report of a completed check. With too few samples the status is "skipped", which does not mean "no drift". */
export function judgeDrift(
  check: DriftCheck,
  limits: PipelineConfig["monitoring"],
  context: CheckContext,
): DriftReport {
  const common = {
    samples: check.samples,
    version: context.version,
    model_package_arn: context.modelPackageArn,
    as_of: context.asOf,
    unreadable: check.unreadable,
    capture_objects: context.captureObjects,
    checked_at: context.checkedAt.toISOString(),
  };
  if (check.samples < limits.min_samples) {
    const reason = `${check.samples} captured requests since the last check; ${limits.min_samples} are needed to tell drift from chance`;
    return { ...common, status: "skipped", reason, features: {}, prediction: null, read_through: context.lastRead };
  }
  const { features, prediction } = check.measure(limits);
  const drifted = driftedFeatures(features);
  const reasons = [
    ...(drifted.length >= limits.drifted_features ? [`${drifted.length} drifted: ${drifted.join(", ")}`] : []),
    ...(prediction?.drifted === true ? [`the scores drifted (PSI ${prediction.psi.toFixed(3)})`] : []),
  ];
  return {
    ...common,
    status: reasons.length > 0 ? "drift" : "stable",
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    features,
    prediction,
    read_through: context.readThrough,
  };
}

/** The report of a check without requests to compare. */
export function skippedReport(reason: string, asOf: string, checkedAt: Date, version: number | null): DriftReport {
  return {
    status: "skipped",
    reason,
    samples: 0,
    version,
    as_of: asOf,
    features: {},
    prediction: null,
    unreadable: 0,
    capture_objects: 0,
    read_through: null,
    checked_at: checkedAt.toISOString(),
  };
}

/**
 * Where this check continues reading. After a change of version, captures from before the last check are ignored: if a
 * rollback restored the version, they belong to its earlier deployment.
 */
export function whereToReadOn(latest: DriftReport, servingVersion: number): ReadMark | null {
  return latest.version === servingVersion ? latest.read_through : { modified_at: latest.checked_at, keys: [] };
}

/** Whether no earlier check has read this object. */
export function isUnread(object: { key: string; modifiedAt: Date }, mark: ReadMark | null): boolean {
  if (mark === null) return true;
  const through = Date.parse(mark.modified_at);
  const at = object.modifiedAt.getTime();
  return at > through || (at === through && !mark.keys.includes(object.key));
}

/** The bookmark after reading one more object. */
export function advance(mark: ReadMark | null, object: { key: string; modifiedAt: Date }): ReadMark {
  const at = object.modifiedAt.getTime();
  const through = mark === null ? Number.NEGATIVE_INFINITY : Date.parse(mark.modified_at);
  if (mark !== null && at < through) return mark;
  if (mark !== null && at === through) return { ...mark, keys: [...mark.keys, object.key] };
  return { modified_at: object.modifiedAt.toISOString(), keys: [object.key] };
}
