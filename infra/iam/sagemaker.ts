/** What SageMaker's jobs and endpoints, and those that ask about them, need. */
import { repositoryArn } from "../image";
import type { PipelineNames, Place } from "../names";
import type { Statement } from "./statements";

/** Pull AWS's image. The login to ECR is for the whole registry: it has no resource. */
export function pullImage(imageUri: string): Statement[] {
  return [
    { sid: "LogInToRegistry", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      sid: "PullImage",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [repositoryArn(imageUri)],
    },
  ];
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

/** Ask which version an endpoint serves: endpoint → configuration → model → package. */
export function readServing({ made }: PipelineNames): Statement {
  return {
    sid: "ReadServing",
    actions: [
      "sagemaker:DescribeEndpoint",
      "sagemaker:DescribeEndpointConfig",
      "sagemaker:DescribeModel",
      "sagemaker:DescribeModelPackage",
    ],
    resources: [made.endpoint, made.endpointConfigs, made.models, made.modelPackages],
  };
}

/** Look at the alarms that stop a deployment. */
export function readAlarms({ region, accountId }: Place, prefix: string): Statement {
  return {
    sid: "ReadAlarms",
    actions: ["cloudwatch:DescribeAlarms"],
    resources: [`arn:aws:cloudwatch:${region}:${accountId}:alarm:${prefix}-*`],
  };
}

/** The log group of an endpoint's containers. */
export function endpointLogGroup(endpointName: string): string {
  return `/aws/sagemaker/Endpoints/${endpointName}`;
}
