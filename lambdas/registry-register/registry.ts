/** The calls that register a model, or find the version that an earlier attempt registered. */
import {
  CreateModelPackageCommand,
  type CreateModelPackageCommandInput,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { sagemakerClient } from "../shared/sagemaker";

export interface Registered {
  modelPackageArn: string;
  approved: boolean;
}

/** The package that an earlier attempt of the same run registered, found by the start of its description. */
export async function findRegistered(group: string, descriptionStart: string): Promise<Registered | undefined> {
  const newest = await sagemakerClient().send(
    new ListModelPackagesCommand({
      ModelPackageGroupName: group,
      SortBy: "CreationTime",
      SortOrder: "Descending",
      MaxResults: 50,
    }),
  );
  const found = newest.ModelPackageSummaryList?.find((item) =>
    item.ModelPackageDescription?.startsWith(descriptionStart),
  );
  if (found?.ModelPackageArn === undefined) return undefined;
  return { modelPackageArn: found.ModelPackageArn, approved: found.ModelApprovalStatus === "Approved" };
}

/** Registers a package and returns its ARN. */
export async function register(request: CreateModelPackageCommandInput): Promise<Registered> {
  const created = await sagemakerClient().send(new CreateModelPackageCommand(request));
  if (created.ModelPackageArn === undefined) throw new Error("CreateModelPackage returned no ARN");
  return { modelPackageArn: created.ModelPackageArn, approved: false };
}

/** Approves a package by the pipeline's rule; the change emits the event that starts the deployment. */
export async function approve(modelPackageArn: string, description: string): Promise<void> {
  await sagemakerClient().send(
    new UpdateModelPackageCommand({
      ModelPackageArn: modelPackageArn,
      ModelApprovalStatus: "Approved",
      ApprovalDescription: description.slice(0, 1024),
    }),
  );
}
