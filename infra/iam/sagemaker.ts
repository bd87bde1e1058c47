/** IAM statements for SageMaker jobs and endpoints. */
import { repositoryArn } from "../image";
import type { Place } from "../names";
import type { Platform } from "../platform";
import { putMetrics } from "./services";
import type { Statement } from "./statements";
import { grantKey, listFolders, readObjects, useKey } from "./storage";

/** Permission to log in to ECR, which does not support resource-level permissions. */
export const logInToRegistry: Statement = {
  sid: "LogInToRegistry",
  actions: ["ecr:GetAuthorizationToken"],
  resources: ["*"],
};

/** Permission to pull an image from its ECR repository. */
export function pullImage(imageUri: string): Statement {
  return {
    sid: "PullImage",
    actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    resources: [repositoryArn(imageUri)],
  };
}

/**
 * Permission to write to a log group that SageMaker names.
 *
 * @param group the part after `/aws/sagemaker/`, such as `TrainingJobs`
 */
export function writeSageMakerLogs({ region, accountId }: Place, group: string): Statement {
  const arn = `arn:aws:logs:${region}:${accountId}:log-group:/aws/sagemaker/${group}`;
  return {
    sid: "WriteLogs",
    actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    resources: [arn, `${arn}:*`],
  };
}

/** A kind of job, as SageMaker calls its log group and its metrics' namespace. */
export type JobKind = "TrainingJobs" | "ProcessingJobs";

/** Permissions of every job that runs a program of `model/`: to pull the image, to read the code, and to write logs and metrics. */
export function runModelCode(
  platform: Pick<Platform, "place" | "config" | "codeBucket" | "dataKeyArn" | "network">,
  kind: JobKind,
): Statement[] {
  const { place, config, codeBucket, dataKeyArn, network } = platform;
  return [
    logInToRegistry,
    pullImage(config.modelImage),
    readObjects("Code", codeBucket.arn, ["model/*"]),
    listFolders("Code", codeBucket.arn, ["model/"]),
    useKey("Data", dataKeyArn),
    ...grantKey("Data", dataKeyArn),
    writeSageMakerLogs(place, kind),
    putMetrics(`/aws/sagemaker/${kind}`),
    ...(network?.containerStatements ?? []),
  ];
}
