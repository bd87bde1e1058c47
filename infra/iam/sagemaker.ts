/** What SageMaker's jobs and endpoints, and those that ask about them, need. */
import { repositoryArn } from "../image";
import type { Place } from "../names";
import type { Statement } from "./statements";

/** Log in to ECR. The login is for the whole registry: it has no resource. */
export const logInToRegistry: Statement = {
  sid: "LogInToRegistry",
  actions: ["ecr:GetAuthorizationToken"],
  resources: ["*"],
};

/** Pull the layers of an image. */
export function pullImage(imageUri: string): Statement {
  return {
    sid: "PullImage",
    actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    resources: [repositoryArn(imageUri)],
  };
}

/** Write the logs that SageMaker gathers under a group of its own naming. */
export function writeSageMakerLogs({ region, accountId }: Place, group: string): Statement {
  const arn = `arn:aws:logs:${region}:${accountId}:log-group:/aws/sagemaker/${group}`;
  return {
    sid: "WriteLogs",
    actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    resources: [arn, `${arn}:*`],
  };
}
