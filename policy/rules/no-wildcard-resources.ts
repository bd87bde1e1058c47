import type { Rule } from "../rule";
import { identityPolicies, statementsOf } from "../statements";

/** The only actions allowed on `*`, with the reason why they cannot name a resource. */
export const withoutResource: Readonly<Record<string, string>> = {
  "xray:PutTraceSegments": "no resource-level permissions",
  "xray:PutTelemetryRecords": "no resource-level permissions",
  "xray:GetSamplingRules": "no resource-level permissions",
  "xray:GetSamplingTargets": "no resource-level permissions",
  "logs:CreateLogDelivery": "no resource-level permissions",
  "logs:GetLogDelivery": "no resource-level permissions",
  "logs:UpdateLogDelivery": "no resource-level permissions",
  "logs:DeleteLogDelivery": "no resource-level permissions",
  "logs:ListLogDeliveries": "no resource-level permissions",
  "logs:PutResourcePolicy": "resource policies belong to the account",
  "logs:DescribeResourcePolicies": "resource policies belong to the account",
  "logs:DescribeLogGroups": "Step Functions and VPC flow logs list all log groups",
  "ecr:GetAuthorizationToken": "no resource-level permissions",
  "cloudwatch:PutMetricData": "restricted by a condition on the namespace",
  // The authorization reference names model packages, and a listing has none: which ARN it is judged by is not documented.
  "sagemaker:ListModelPackages": "no documented resource",
  "sagemaker:ListModels": "no resource-level permissions",
  "sagemaker:ListEndpointConfigs": "no resource-level permissions",
  "states:ListStateMachines": "no resource-level permissions",
  "cloudtrail:LookupEvents": "no resource-level permissions",
  "ec2:DescribeDhcpOptions": "no resource-level permissions",
  "ec2:DescribeNetworkInterfaces": "no resource-level permissions",
  "ec2:DescribeRouteTables": "no resource-level permissions",
  "ec2:DescribeSecurityGroups": "no resource-level permissions",
  "ec2:DescribeSubnets": "no resource-level permissions",
  "ec2:DescribeVpcEndpoints": "no resource-level permissions",
  "ec2:DescribeVpcs": "no resource-level permissions",
  // Developer guide, "SageMaker roles": with resources or conditions, the checks before a processing job fail.
  "ec2:CreateNetworkInterface": "SageMaker refuses a role that names resources",
  "ec2:CreateNetworkInterfacePermission": "SageMaker refuses a role that names resources",
  "ec2:DeleteNetworkInterface": "SageMaker refuses a role that names resources",
  "ec2:DeleteNetworkInterfacePermission": "SageMaker refuses a role that names resources",
};

export const noWildcardResources: Rule = {
  name: "no-wildcard-resources",
  description: "A role's policy names the resource of every action that supports it.",
  types: Object.keys(identityPolicies),
  judge(resource) {
    return statementsOf(resource, identityPolicies)
      .filter(({ effect, resources }) => effect === "Allow" && resources.includes("*"))
      .flatMap(({ actions }) => actions)
      .filter((action) => withoutResource[action] === undefined)
      .map((action) => `allows ${action} on every resource: name them, or give the reason in this rule.`);
  },
};
