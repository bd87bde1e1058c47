/** The calls that put a model into the registry, and find it there when an earlier try already did. */
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

/** The package that an earlier try of the same run registered, by the beginning of its description. */
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

/** Registers a package and gives its ARN. */
export async function register(request: CreateModelPackageCommandInput): Promise<Registered> {
  const created = await sagemakerClient().send(new CreateModelPackageCommand(request));
  if (created.ModelPackageArn === undefined) throw new Error("CreateModelPackage gave no ARN");
  return { modelPackageArn: created.ModelPackageArn, approved: false };
}

/** Approves a package as the pipeline's own rule says; the change raises the event that deploys it. */
export async function approve(modelPackageArn: string, description: string): Promise<void> {
  await sagemakerClient().send(
    new UpdateModelPackageCommand({
      ModelPackageArn: modelPackageArn,
      ModelApprovalStatus: "Approved",
      ApprovalDescription: description.slice(0, 1024),
    }),
  );
}
