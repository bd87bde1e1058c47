/** IAM statements with which AWS puts the network interfaces of Lambdas and jobs into the private network. */
import * as pulumi from "@pulumi/pulumi";
import { environmentNames, type Place } from "../names";
import type { ResourceStatement, Statement } from "./statements";

/** Where an interface may be. */
export interface InterfacePlace {
  place: Place;
  subnetArns: readonly pulumi.Input<string>[];
  securityGroupArn: pulumi.Input<string>;
}

const ec2 = ({ region, accountId }: Place, path: string) => `arn:aws:ec2:${region}:${accountId}:${path}`;

function createInterfaces({ place, subnetArns, securityGroupArn }: InterfacePlace): Statement {
  return {
    sid: "CreateInterfaces",
    actions: ["ec2:CreateNetworkInterface"],
    resources: [...subnetArns, securityGroupArn, ec2(place, "network-interface/*")],
  };
}

/** Most of EC2's Describe actions have no resource-level permissions. */
const describeNetwork = (...kinds: readonly string[]): Statement => ({
  sid: "DescribeNetwork",
  actions: kinds.map((kind) => `ec2:Describe${kind}`),
  resources: ["*"],
});

/**
 * Permissions that Lambda needs of a function's role; the function's own code is denied them, as Lambda's developer guide proposes
 * ("Giving Lambda functions access to resources in an Amazon VPC").
 */
export function functionInterfaces(where: InterfacePlace, functionName: string): Statement[] {
  const { place } = where;
  const manage = ["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"];
  return [
    createInterfaces(where),
    // All kinds of resources: Lambda does not accept a pattern that names interfaces only (the same guide).
    { sid: "DeleteInterfaces", actions: ["ec2:DeleteNetworkInterface"], resources: [ec2(place, "*/*")] },
    { sid: "AddressInterfaces", actions: manage, resources: [ec2(place, "network-interface/*")] },
    describeNetwork("NetworkInterfaces", "Subnets"),
    {
      sid: "NotByCode",
      effect: "Deny",
      actions: [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        ...manage,
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
      ],
      resources: ["*"],
      conditions: {
        ArnEquals: {
          "lambda:SourceFunctionArn": `arn:aws:lambda:${place.region}:${place.accountId}:function:${functionName}`,
        },
      },
    },
  ];
}

/** Permissions that Glue needs of a job's role: those of AWS's AWSGlueServiceRole, limited to the network. */
export function jobInterfaces(
  where: InterfacePlace,
  { vpcArn, connections }: { vpcArn: pulumi.Input<string>; connections: readonly string[] },
): Statement[] {
  const { place, securityGroupArn } = where;
  const glue = `arn:aws:glue:${place.region}:${place.accountId}`;
  const interfaces = ec2(place, "network-interface/*");
  return [
    {
      sid: "FindConnection",
      actions: ["glue:GetConnection"],
      resources: [`${glue}:catalog`, ...connections.map((name) => `${glue}:connection/${name}`)],
    },
    createInterfaces(where),
    { sid: "DeleteInterfaces", actions: ["ec2:DeleteNetworkInterface"], resources: [interfaces] },
    describeNetwork("NetworkInterfaces", "RouteTables", "SecurityGroups", "Subnets", "VpcEndpoints"),
    { sid: "DescribeVpc", actions: ["ec2:DescribeVpcAttribute"], resources: [vpcArn] },
    {
      sid: "TagInterfaces",
      actions: ["ec2:CreateTags", "ec2:DeleteTags"],
      resources: [interfaces, securityGroupArn],
      conditions: { "ForAllValues:StringEquals": { "aws:TagKeys": "aws-glue-service-resource" } },
    },
  ];
}

/**
 * Permissions that SageMaker needs of the role of a job or a model. On everything, without conditions: otherwise the checks
 * with which SageMaker creates a processing job fail (developer guide: "SageMaker roles", CreateProcessingJob). The containers do
 * not have the role's credentials, because they run in network isolation.
 */
export const containerInterfaces: readonly Statement[] = [
  {
    sid: "ManageInterfaces",
    actions: [
      "ec2:CreateNetworkInterface",
      "ec2:CreateNetworkInterfacePermission",
      "ec2:DeleteNetworkInterface",
      "ec2:DeleteNetworkInterfacePermission",
    ],
    resources: ["*"],
  },
  describeNetwork("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"),
];

/** Policy of an endpoint: nobody but this account's roles uses it, so that foreign credentials take nothing out of the network. */
export function ownPrincipals({ accountId }: Place): ResourceStatement {
  return {
    sid: "OwnPrincipals",
    effect: "Allow",
    principal: "*",
    actions: ["*"],
    resources: ["*"],
    conditions: { StringEquals: { "aws:PrincipalAccount": accountId } },
  };
}

/** Policy of S3's endpoint: the same, and to this account's buckets only. */
export function ownBuckets(place: Place): ResourceStatement {
  const { accountId } = place;
  return {
    ...ownPrincipals(place),
    sid: "OwnBuckets",
    actions: ["s3:*"],
    conditions: { StringEquals: { "aws:PrincipalAccount": accountId, "aws:ResourceAccount": accountId } },
  };
}

/** Policy of S3's endpoint, too, where versions come from another account: to read in its buckets. */
export function sourceBuckets(place: Place, from: Place): ResourceStatement {
  const { lakeBucket, codeBucket } = environmentNames(from);
  return {
    ...ownPrincipals(place),
    sid: "SourceBuckets",
    actions: ["s3:GetObject"],
    resources: [lakeBucket, codeBucket].map((bucket) => `arn:aws:s3:::${bucket}/*`),
  };
}

/** Permission to write the network's flow logs. */
export function writeFlowLogs(logGroupArn: pulumi.Input<string>): Statement[] {
  return [
    {
      sid: "WriteFlowLogs",
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resources: [logGroupArn, pulumi.interpolate`${logGroupArn}:*`],
    },
    { sid: "FindLogGroup", actions: ["logs:DescribeLogGroups"], resources: ["*"] },
  ];
}
