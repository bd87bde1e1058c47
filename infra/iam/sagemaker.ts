/** IAM statements for SageMaker jobs and endpoints. */
import { repositoryArn } from "../image";
import type { Place } from "../names";
import type { Statement } from "./statements";

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
