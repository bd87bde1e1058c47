/** Which files of a version are copied where, whether the pipeline can serve it, and its entry in this environment's registry. */
import type {
  CreateModelPackageCommandInput,
  DescribeModelPackageCommandOutput,
  ProductionVariantInstanceType,
} from "@aws-sdk/client-sagemaker";
import * as z from "zod/mini";
import { type ModelLineage, modelLineage } from "../../contracts/model-lineage";
import type { ReadyDataset } from "../../contracts/step-reports";
import { text } from "../../contracts/values";
import type { PipelineSpec } from "../../spec/pipeline";
import { metadataText, mostEntries } from "../registry-register/core";
import { Refused } from "../shared/errors";
import { instantName, shortHash } from "../shared/names";

/** A version of the other environment that may be promoted. */
export interface Source {
  environment: string;
  arn: string;
  version: number;
  createdAt: Date;
  found: DescribeModelPackageCommandOutput;
  modelDataUrl: string;
  image: string;
  lineage: ModelLineage;
}

/** A version of the other environment, as a message calls it. */
export const nameOf = (environment: string, pipeline: string, version: number): string =>
  `v${version} of ${pipeline} in ${environment}`;

/**
 * Checks that a version may be promoted to a pipeline.
 *
 * @throws Refused with the reason and what to do
 */
export function sourceOf(
  environment: string,
  pipeline: string,
  arn: string,
  found: DescribeModelPackageCommandOutput,
): Source {
  const { ModelPackageVersion: version = 0, CreationTime: createdAt, ModelApprovalStatus: status } = found;
  const what = nameOf(environment, pipeline, version);
  if (status !== "Approved") {
    throw new Refused(
      `${what} is ${status}: only a version that is approved there can be promoted. ` +
        `Approve it first: npx daybreak approve ${pipeline} ${version} --reason "<why>" --environment ${environment}`,
    );
  }
  const parsed = z.safeParse(modelLineage, found.CustomerMetadataProperties);
  const [container] = found.InferenceSpecification?.Containers ?? [];
  if (!parsed.success || container?.ModelDataUrl === undefined || createdAt === undefined) {
    throw new Refused(
      `${what} lacks facts that a version has: an earlier release of Daybreak or somebody else registered it. ` +
        `Train another: npx daybreak run ${pipeline} --mode train --environment ${environment}`,
    );
  }
  const lineage = parsed.data;
  if (lineage.pipeline !== pipeline) throw new Refused(`${what} is a model of the pipeline ${lineage.pipeline}.`);
  const { ModelDataUrl: modelDataUrl, Image: image = "" } = container;
  return { environment, arn, version, createdAt, found, modelDataUrl, image, lineage };
}

/** The folder of a promoted version, below those of models and of run reports. A group that is made anew counts from 1 again. */
export const folderOf = ({ environment, version, createdAt }: Source): string =>
  `promoted/${environment}-v${version}-${instantName(createdAt)}`;

/** The folder of the version's run reports. */
const reportsOf = ({ evaluation_uri }: ModelLineage): string => evaluation_uri.replace(/\/evaluation\/[^/]+$/, "");

/** Where the version's files go: addresses in the other environment, and in this one. */
export function filesOf(source: Source, modelsUri: string, runReportsUri: string): Map<string, string> {
  const { lineage, modelDataUrl, found } = source;
  const [models, reports] = [`${modelsUri}/${folderOf(source)}`, `${runReportsUri}/${folderOf(source)}`];
  const files = new Map([
    [modelDataUrl, `${models}/model/model.tar.gz`],
    [lineage.evaluated_model_data_url, `${models}/evaluated/model.tar.gz`],
    [lineage.spec_uri, `${reports}/pipeline.json`],
    [`${reportsOf(lineage)}/plan.json`, `${reports}/plan.json`],
    [datasetUri(source), `${reports}/train-dataset.json`],
  ]);
  const evaluation = [lineage.evaluation_uri, lineage.baseline_uri, ...addressesIn(found.ModelMetrics)];
  for (const uri of [...evaluation, ...addressesIn(found.DriftCheckBaselines)]) {
    files.set(uri, `${reports}/evaluation/${uri.split("/").at(-1)}`);
  }
  // The version has come from a third environment.
  if (lineage.promotion_uri !== undefined) files.set(lineage.promotion_uri, `${reports}/promotion-before.json`);
  return files;
}

/** The facts of the version's training set. */
export const datasetUri = ({ lineage }: Source): string => `${reportsOf(lineage)}/train-dataset.json`;

/** Every S3 address in a value. */
function addressesIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("s3://") ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(addressesIn) : [];
}

/** A value with the new addresses of what was copied. */
export function moved<Value>(value: Value, files: ReadonlyMap<string, string>): Value {
  return value === undefined
    ? value
    : JSON.parse(JSON.stringify(value), (_, one) => (typeof one === "string" ? (files.get(one) ?? one) : one));
}

/** What of the other environment's pipeline is compared with this one's. */
export const sourceSpec = z.object({
  entity: text,
  features: z.object({ window_days: z.number() }),
  label: z.object({ name: text, horizon_days: z.number() }),
  features_sql: text,
  label_sql: text,
});
export type SourceSpec = z.infer<typeof sourceSpec>;

/**
 * Checks that the pipeline can serve the model.
 *
 * @returns what makes its features or its label mean something else here, a sentence each
 * @throws Refused with everything that keeps it from being served
 */
export function compare(
  what: string,
  theirs: SourceSpec,
  { feature_columns }: Pick<ReadyDataset, "feature_columns">,
  own: PipelineSpec,
): string[] {
  const features = feature_columns.flatMap(({ name, type }) => {
    const here = own.features.columns[name]?.type;
    if (here === type) return [];
    return [
      here === undefined ? `it has no feature ${name} (${type})` : `its feature ${name} is ${here} and not ${type}`,
    ];
  });
  const same = (name: string, here: unknown, there: unknown) =>
    here === there ? [] : [`its ${name} is ${here} and not ${there}`];
  const obstacles = [
    ...features,
    ...same("entity", own.entity, theirs.entity),
    ...same("label", own.label.name, theirs.label.name),
    ...same("label.horizon_days", own.label.horizon_days, theirs.label.horizon_days),
  ];
  if (obstacles.length > 0) {
    throw new Refused(
      `The pipeline here cannot serve ${what}: ${obstacles.join("; ")}. Deploy the pipeline that it was trained with, or train it with this one.`,
    );
  }
  const differs = (name: string, reason: string) => `${name} differs from that of ${what}: ${reason}.`;
  const computed = "the model has learnt from features that were computed otherwise";
  return [
    ...(own.features_sql === theirs.features_sql ? [] : [differs("features.sql", computed)]),
    ...(own.features.window_days === theirs.features.window_days ? [] : [differs("features.window_days", computed)]),
    ...(own.label_sql === theirs.label_sql
      ? []
      : [differs("label.sql", "the model predicts what that one says, and is judged here by this one")]),
  ];
}

/** What the entry in this environment's registry is made of. */
export interface Promoted {
  source: Source;
  files: ReadonlyMap<string, string>;
  spec: PipelineSpec;
  modelPackageGroup: string;
  promotionUri: string;
  promotedBy: string;
  warnings: readonly string[];
  /** The number of versions that this environment has had. */
  newest: number;
  /** The best version so far of this environment, if it has one. */
  floorVersion?: string | undefined;
  /** Where duties are separate: the unique ID of the reviewers' role. */
  reviewerRoleId?: string | undefined;
}

/** The metadata: the source's, with the new addresses, and without its numbers of other versions, which mean others here. */
function metadata(promoted: Promoted): Record<string, string> {
  const { source, files, reviewerRoleId, warnings } = promoted;
  const { may_not_approve, promoter_may_not_approve, champion_version, floor_version, ...lineage } = source.lineage;
  const asReviewer = (name: string) => reviewerRoleId && `${reviewerRoleId}:${name}`;
  const facts: Record<string, string | undefined> = {
    ...moved(lineage, files),
    promoted_from: source.arn,
    promoted_by: promoted.promotedBy,
    promotion_uri: promoted.promotionUri,
    promoter_may_not_approve: asReviewer(promoted.promotedBy),
    may_not_approve: lineage.trigger === "person" ? asReviewer(lineage.started_by) : undefined,
    floor_version: promoted.floorVersion,
    warnings: [...warnings, ...(lineage.warnings === undefined ? [] : [lineage.warnings])].join(" "),
  };
  // The hyperparameters last: what is too much is left out, and the copy of pipeline.yaml has them.
  const inOrder = Object.entries(facts).sort(
    ([one], [other]) => Number(one.startsWith("hp_")) - Number(other.startsWith("hp_")),
  );
  const entries = inOrder.flatMap(([name, value]) => {
    const written = metadataText(value);
    return written === "" ? [] : [[name, written] as const];
  });
  return Object.fromEntries(entries.slice(0, mostEntries));
}

/**
 * The start of the description, by which a second promotion finds the version. It does not begin with the run, by which
 * registry-register finds the version of a run of this environment.
 */
export const descriptionPrefix = ({ environment, version }: Source): string => `from ${environment} v${version}: `;

/** The request that registers the version as pending approval. */
export function packageRequest(promoted: Promoted): CreateModelPackageCommandInput {
  const { source, files, spec } = promoted;
  const { found } = source;
  const { InferenceSpecification, ModelMetrics, DriftCheckBaselines, MetadataProperties } = found;
  const [container] = InferenceSpecification?.Containers ?? [];
  return {
    ModelPackageGroupName: promoted.modelPackageGroup,
    ModelPackageDescription: `${descriptionPrefix(source)}${found.ModelPackageDescription ?? ""}`.slice(0, 1024),
    ModelApprovalStatus: "PendingManualApproval",
    // Two calls at the same time register one version; one that was deleted since can come again.
    ClientToken: `daybreak-${shortHash(`${promoted.promotionUri} ${promoted.newest}`, 27)}`,
    SkipModelValidation: "All",
    InferenceSpecification: {
      Containers: [
        {
          Image: source.image,
          ModelDataUrl: moved(source.modelDataUrl, files),
          Environment: container?.Environment,
        },
      ],
      SupportedContentTypes: InferenceSpecification?.SupportedContentTypes,
      SupportedResponseMIMETypes: InferenceSpecification?.SupportedResponseMIMETypes,
      SupportedRealtimeInferenceInstanceTypes: [spec.serving.instance_type as ProductionVariantInstanceType],
    },
    ModelMetrics: moved(ModelMetrics, files),
    DriftCheckBaselines: moved(DriftCheckBaselines, files),
    MetadataProperties,
    CustomerMetadataProperties: metadata(promoted),
  };
}
