/** Reads the model registry: the versions of a pipeline and the serving one. */
import { DescribeModelPackageCommand, paginateListModelPackages } from "@aws-sdk/client-sagemaker";
import type { ModelLineage } from "../../contracts/model-lineage";
import type { PipelineNames } from "../../infra/names";
import { findServingModel } from "../../lambdas/shared/serving";
import { clients } from "./clients";
import { CommandProblem, messageOf, nameOf } from "./problem";

export interface ModelVersion {
  version: number;
  arn: string;
  /** PendingManualApproval is "Staging"; an Approved version may be deployed. */
  approval: string;
  isServing: boolean;
  created: string;
  reason: string;
  /** The metadata as registered, possibly by an earlier release. */
  lineage: Partial<ModelLineage>;
}

/** All versions of a pipeline, newest first. */
export async function listVersions(names: PipelineNames): Promise<ModelVersion[]> {
  const serving = await findServingModel(names.endpoint, clients.sagemaker());
  const versions: ModelVersion[] = [];
  try {
    const pages = paginateListModelPackages(
      { client: clients.sagemaker() },
      { ModelPackageGroupName: names.modelPackageGroup, SortBy: "CreationTime", SortOrder: "Descending" },
    );
    for await (const { ModelPackageSummaryList = [] } of pages) {
      const arns = ModelPackageSummaryList.flatMap(({ ModelPackageArn }) => ModelPackageArn ?? []);
      versions.push(...(await Promise.all(arns.map((arn) => describeVersion(arn, serving?.modelPackageArn)))));
    }
  } catch (error) {
    throw notDeployed(names, error);
  }
  return versions.sort((one, other) => other.version - one.version);
}

function notDeployed(names: PipelineNames, error: unknown): unknown {
  const isMissing = nameOf(error) === "ValidationException" || nameOf(error) === "ResourceNotFound";
  if (!isMissing) return error;
  return new CommandProblem(
    `There is no model package group ${names.modelPackageGroup}: ${messageOf(error)}`,
    "Deploy the stack with this pipeline first: `npx daybreak up --pipeline <name>` locally, `pulumi up` on AWS.",
  );
}

async function describeVersion(arn: string, serving: string | undefined): Promise<ModelVersion> {
  const found = await clients.sagemaker().send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  return {
    version: found.ModelPackageVersion ?? 0,
    arn,
    approval: found.ModelApprovalStatus ?? "",
    isServing: arn === serving,
    created: (found.CreationTime ?? new Date(0)).toISOString(),
    reason: found.ApprovalDescription ?? "",
    lineage: found.CustomerMetadataProperties ?? {},
  };
}

/** Finds a version by its number; otherwise throws an error that lists the existing versions. */
export async function findVersion(names: PipelineNames, version: number): Promise<ModelVersion> {
  const versions = await listVersions(names);
  const found = versions.find((one) => one.version === version);
  if (found !== undefined) return found;
  const known = versions.length === 0 ? "it has none yet" : `it has ${versions.map((one) => one.version).join(", ")}`;
  throw new CommandProblem(
    `${names.pipeline} has no version ${version}; ${known}.`,
    `See them: npx daybreak models ${names.pipeline}`,
  );
}
