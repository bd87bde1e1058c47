/** Reads the model registry: the versions of a pipeline and the serving one. */
import { DescribeModelPackageCommand, paginateListModelPackages } from "@aws-sdk/client-sagemaker";
import type { ModelLineage } from "../../contracts/model-lineage";
import type { PipelineNames } from "../../infra/names";
import { type Chosen, commandLine } from "../../lambdas/shared/command-line";
import { findServingModel } from "../../lambdas/shared/serving";
import { clients } from "./clients";
import { notDeployed } from "./deployed";
import { CommandProblem, nameOf } from "./problem";

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

const stages: Readonly<Record<string, string>> = { PendingManualApproval: "Staging" };

/** What an approval status is called here. */
export const stageName = (approval: string): string => stages[approval] ?? approval;

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
    if (/^(ValidationException|ResourceNotFound)$/.test(nameOf(error))) throw notDeployed(names.pipeline);
    throw error;
  }
  return versions.sort((one, other) => other.version - one.version);
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
export async function findVersion(names: PipelineNames, version: number, chosen: Chosen = {}): Promise<ModelVersion> {
  const versions = await listVersions(names);
  const found = versions.find((one) => one.version === version);
  if (found !== undefined) return found;
  const known = versions.length === 0 ? "it has none yet" : `it has ${versions.map((one) => one.version).join(", ")}`;
  throw new CommandProblem(
    `${names.pipeline} has no version ${version}; ${known}.`,
    `See them: ${commandLine(["models", names.pipeline], chosen)}`,
  );
}
