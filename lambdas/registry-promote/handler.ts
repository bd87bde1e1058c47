/** Takes an approved version of another environment into this one's registry, with its evidence, in the name of who calls. */
import { createHash } from "node:crypto";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  paginateListModelPackages,
} from "@aws-sdk/client-sagemaker";
import * as z from "zod/mini";
import {
  type CopiedFile,
  type Promotion,
  type PromotionAnswer,
  promotion,
  promotionRequest,
} from "../../contracts/promotion";
import { readyDataset } from "../../contracts/step-reports";
import { asUrlEvent, questionOf, respond, respondError, type UrlResponse } from "../serve-predict/core";
import { callerOf } from "../shared/caller";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { errorMessage, errorName, InvalidInput, Refused, saysMissing } from "../shared/errors";
import { logger } from "../shared/logger";
import { packageVersion } from "../shared/names";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { readPipeline } from "../shared/pipeline";
import { publishAlert } from "../shared/publish";
import { sagemakerClient } from "../shared/sagemaker";
import { describeServing } from "../shared/serving";
import { parseUri, readRequiredJson, storageClient, writeJson } from "../shared/storage";
import {
  compare,
  datasetUri,
  descriptionPrefix,
  filesOf,
  folderOf,
  nameOf,
  packageRequest,
  type Source,
  sourceOf,
  sourceSpec,
} from "./core";

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    MODEL_PACKAGE_GROUP: required,
    ENDPOINT_NAME: required,
    ALERT_TOPIC_ARN: required,
    IMAGE_URI: required,
    MODELS_URI: required,
    RUN_REPORTS_URI: required,
    SOURCE_ENVIRONMENT: required,
    SOURCE_GROUP_ARN: required,
    REVIEWER_ROLE_ID: z.optional(z.string()),
  });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(event: unknown): Promise<UrlResponse> {
  try {
    const request = asUrlEvent(event);
    if (request === undefined) throw new InvalidInput("call this function by its URL, which says who calls");
    const asked = parseAs(promotionRequest, questionOf(request), "the request for a promotion", InvalidInput);
    const from = setup().environment.SOURCE_ENVIRONMENT;
    if (asked.from !== from)
      throw new Refused(`versions come here from ${from} (daybreak:promotion.from), not from ${asked.from}`);
    return respond(200, await promote(asked.version ?? undefined, callerOf(event), asked.reason ?? null));
  } catch (error) {
    const response = respondError(error);
    if (response.statusCode >= 500) logger().error("The version could not be promoted", { error });
    return response;
  }
}

async function promote(asked: number | undefined, promotedBy: string, reason: string | null): Promise<PromotionAnswer> {
  const { environment, spec } = setup();
  const { DAYBREAK_ENVIRONMENT: here, IMAGE_URI } = environment;
  const source = await findSource(asked);
  const what = nameOf(source.environment, spec.name, source.version);
  if (source.image !== IMAGE_URI) {
    throw new Refused(
      `${what} runs in the image ${source.image}, and ${here} in ${IMAGE_URI}: set daybreak:modelImage alike.`,
    );
  }
  const promotionUri = `${environment.RUN_REPORTS_URI}/${folderOf(source)}/promotion.json`;
  const files = filesOf(source, environment.MODELS_URI, environment.RUN_REPORTS_URI);
  const warnings = await reading(source.environment, async () =>
    compare(
      what,
      await readRequiredJson(source.lineage.spec_uri, sourceSpec, "the deployment"),
      await readRequiredJson(datasetUri(source), readyDataset, "the step train-dataset"),
      spec,
    ),
  );
  const versions = await listVersions(environment.MODEL_PACKAGE_GROUP);
  const there = await findPromoted(versions, source, promotionUri);
  const answer = (
    outcome: PromotionAnswer["outcome"],
    arn = "",
    approval: string | undefined = "PendingManualApproval",
    record: Pick<Promotion, "files" | "warnings"> = { files: [], warnings },
  ): PromotionAnswer => ({
    ...{ outcome, source_version: source.version, version: packageVersion(arn), model_package_arn: arn, approval },
    ...{ promotion_uri: promotionUri, files: record.files.length, warnings: record.warnings },
    bytes: record.files.reduce((sum, { bytes }) => sum + bytes, 0),
  });
  if (there !== undefined) {
    const record = await readRequiredJson(promotionUri, promotion, "the promotion");
    return answer("already", there.ModelPackageArn, there.ModelApprovalStatus, record);
  }
  const copied: CopiedFile[] = [];
  for (const [uri, to] of files) copied.push(await copy(source.environment, uri, to));
  const record = recordOf(source, copied, { promotedBy, reason, warnings });
  await writeJson(promotionUri, record);
  const serving = await describeServing(environment.ENDPOINT_NAME);
  const created = await sagemakerClient().send(
    new CreateModelPackageCommand(
      packageRequest({
        ...{ source, files, spec, promotionUri, promotedBy, warnings },
        modelPackageGroup: environment.MODEL_PACKAGE_GROUP,
        newest: Math.max(0, ...versions.map(({ arn }) => packageVersion(arn))),
        floorVersion: serving && (serving.lineage.floor_version ?? String(serving.version)),
        reviewerRoleId: environment.REVIEWER_ROLE_ID,
      }),
    ),
  );
  const answered = answer("promoted", created.ModelPackageArn, undefined, record);
  await publishAlert(environment.ALERT_TOPIC_ARN, {
    ...{ kind: "model-promoted", environment: here, pipeline: spec.name, promotedBy, warnings },
    ...{ version: answered.version, modelPackageArn: answered.model_package_arn },
    from: `v${source.version} in ${source.environment}`,
    description: source.found.ModelPackageDescription ?? "",
  });
  logger().info("Promoted a version", { source: source.arn, promoted: created.ModelPackageArn, promotedBy });
  return answered;
}

function recordOf(
  { environment, arn, version, createdAt, found }: Source,
  files: CopiedFile[],
  { promotedBy, reason, warnings }: { promotedBy: string; reason: string | null; warnings: string[] },
): Promotion {
  return {
    source: {
      ...{ environment, model_package_arn: arn, version, created_at: createdAt.toISOString() },
      approved_by: found.LastModifiedBy?.IamIdentity?.Arn ?? found.LastModifiedBy?.UserProfileArn ?? null,
      approved_at: (found.LastModifiedTime ?? createdAt).toISOString(),
      approval_reason: found.ApprovalDescription ?? null,
    },
    ...{ promoted_by: promotedBy, promoted_at: new Date().toISOString(), reason, files, warnings },
  };
}

/** The version that was asked for, or else the newest approved one. */
async function findSource(asked: number | undefined): Promise<Source> {
  const { environment, spec } = setup();
  const { SOURCE_ENVIRONMENT: from } = environment;
  return reading(from, async () => {
    const arn = asked === undefined ? await newestApproved() : sourceArn(asked);
    return sourceOf(from, spec.name, arn, await describeSource(arn));
  });
}

async function newestApproved(): Promise<string> {
  const { environment, spec } = setup();
  const [newest] = numbersOf(await listVersions(environment.SOURCE_GROUP_ARN, "Approved")).reverse();
  if (newest !== undefined) return sourceArn(newest);
  throw new Refused(`${environment.SOURCE_ENVIRONMENT} has no approved version of ${spec.name}.`);
}

const sourceArn = (version: number): string =>
  `${setup().environment.SOURCE_GROUP_ARN.replace(":model-package-group/", ":model-package/")}/${version}`;

async function describeSource(arn: string): Promise<DescribeModelPackageCommandOutput> {
  try {
    return await sagemakerClient().send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  } catch (error) {
    if (!saysMissing(error)) throw error;
    const { environment, spec } = setup();
    const known = numbersOf(await listVersions(environment.SOURCE_GROUP_ARN)).join(", ");
    throw new Refused(
      `${environment.SOURCE_ENVIRONMENT} has no version ${packageVersion(arn)} of ${spec.name}; it has ${known || "none"}.`,
    );
  }
}

interface Listed {
  arn: string;
  description: string;
}

/** The versions' numbers, in order. */
const numbersOf = (versions: readonly Listed[]): number[] =>
  versions.map(({ arn }) => packageVersion(arn)).sort((one, other) => one - other);

/** A group's versions. */
async function listVersions(group: string, status?: "Approved"): Promise<Listed[]> {
  const pages = paginateListModelPackages(
    { client: sagemakerClient(), pageSize: 100 },
    { ModelPackageGroupName: group, ...(status && { ModelApprovalStatus: status }) },
  );
  const versions: Listed[] = [];
  for await (const { ModelPackageSummaryList = [] } of pages) {
    for (const { ModelPackageArn: arn, ModelPackageDescription: description = "" } of ModelPackageSummaryList) {
      if (arn !== undefined) versions.push({ arn, description });
    }
  }
  return versions;
}

/** The version here that an earlier promotion of the same version made. */
async function findPromoted(
  versions: readonly Listed[],
  source: Source,
  promotionUri: string,
): Promise<DescribeModelPackageCommandOutput | undefined> {
  for (const { arn, description } of versions) {
    if (!description.startsWith(descriptionPrefix(source))) continue;
    const found = await sagemakerClient().send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
    if (found.CustomerMetadataProperties?.promotion_uri === promotionUri) return found;
  }
  return undefined;
}

/** What the Lambda's memory has room for, beside itself. */
const mostBytes = 400_000_000;

/** Copies an object. S3 refuses to store what does not have the digest of what was read. */
async function copy(environment: string, from: string, to: string): Promise<CopiedFile> {
  const [source, target] = [parseUri(from), parseUri(to)];
  const { Body: content, ContentType } = await reading(environment, async () => {
    const found = await storageClient().send(new GetObjectCommand({ Bucket: source.bucket, Key: source.key }));
    const { ContentLength = 0 } = found;
    if (ContentLength <= mostBytes) return found;
    throw new Refused(`${from} has ${ContentLength} bytes; at most ${mostBytes} can be promoted.`);
  });
  const Body = (await content?.transformToByteArray()) ?? new Uint8Array();
  const digest = createHash("sha256").update(Body).digest();
  const ChecksumSHA256 = digest.toString("base64");
  await storageClient().send(
    new PutObjectCommand({ Bucket: target.bucket, Key: target.key, Body, ContentType, ChecksumSHA256 }),
  );
  return { from, to, bytes: Body.length, sha256: digest.toString("hex") };
}

/** Says whose permission is missing when the other environment does not let something be read. */
async function reading<Value>(from: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (!/^AccessDenied(Exception)?$/.test(errorName(error))) throw error;
    const { DAYBREAK_ENVIRONMENT: here } = setup().environment;
    throw new Refused(
      `${from} does not let ${here} read its versions, or what belongs to this one is gone: ${errorMessage(error)}. ` +
        `Its stack needs daybreak:promotion.to with ${here}, and must be deployed: docs/delivery.md.`,
    );
  }
}
