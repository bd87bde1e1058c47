/** What the program's resources cost because they exist, by type. */
import { z } from "zod";
import type { Registered } from "../shared/program";
import { type Price, prices } from "./prices";

export interface Standing {
  what: string;
  price: Price;
  /** How many of the price's unit a month has. */
  quantity: number;
}

/** AWS's own length of a month in its examples. */
export const hoursAMonth = 730;

export const stream = z.object({
  retentionPeriod: z.number().default(24),
  shardCount: z.number().optional(),
});

function streamCosts(inputs: unknown): Standing[] {
  const { retentionPeriod, shardCount } = stream.parse(inputs);
  if (shardCount === undefined) {
    return [{ what: "Kinesis, streams on demand", price: prices.kinesisStream, quantity: hoursAMonth }];
  }
  const quantity = shardCount * hoursAMonth;
  const shards = [{ what: "Kinesis, shards", price: prices.kinesisShard, quantity }];
  if (retentionPeriod <= 24) return shards;
  return [...shards, { what: "Kinesis, kept beyond 24 hours", price: prices.kinesisShardRetention, quantity }];
}

const endpoint = z.object({ vpcEndpointType: z.string(), subnetIds: z.array(z.string()).default([]) });

/** A gateway costs nothing. */
function endpointCosts(inputs: unknown): Standing[] {
  const { vpcEndpointType, subnetIds } = endpoint.parse(inputs);
  const quantity = vpcEndpointType === "Interface" ? subnetIds.length * hoursAMonth : 0;
  return [{ what: "VPC, endpoints", price: prices.interfaceEndpoint, quantity }];
}

const each = (what: string, price: Price) => (): Standing[] => [{ what, price, quantity: 1 }];

const priced: Readonly<Record<string, (inputs: unknown) => Standing[]>> = {
  "aws:kms/key:Key": each("KMS keys", prices.kmsKey),
  "aws:cloudwatch/metricAlarm:MetricAlarm": each("CloudWatch alarms", prices.alarm),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": each("CloudWatch composite alarms", prices.compositeAlarm),
  "aws:cloudwatch/dashboard:Dashboard": each("CloudWatch dashboards", prices.dashboard),
  "aws:secretsmanager/secret:Secret": each("Secrets Manager secrets", prices.secret),
  "aws:kinesis/stream:Stream": streamCosts,
  "aws:ec2/vpcEndpoint:VpcEndpoint": endpointCosts,
};

/** Types of which nothing is billed while nothing uses them. What their use costs is estimated elsewhere, or named as left out. */
const free = new Set([
  "aws:budgets/budget:Budget",
  "aws:cloudwatch/eventApiDestination:EventApiDestination",
  // Its secret is part of what a request to the destination costs.
  "aws:cloudwatch/eventConnection:EventConnection",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/logStream:LogStream",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  "aws:ec2/flowLog:FlowLog",
  "aws:ec2/routeTable:RouteTable",
  "aws:ec2/routeTableAssociation:RouteTableAssociation",
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/subnet:Subnet",
  "aws:ec2/vpc:Vpc",
  "aws:glue/catalogDatabase:CatalogDatabase",
  "aws:glue/catalogTable:CatalogTable",
  "aws:glue/connection:Connection",
  "aws:glue/job:Job",
  "aws:glue/securityConfiguration:SecurityConfiguration",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
  "aws:kms/alias:Alias",
  "aws:lambda/function:Function",
  // A call of a Lambda at each deployment that changes its input.
  "aws:lambda/invocation:Invocation",
  "aws:lambda/functionUrl:FunctionUrl",
  "aws:lambda/permission:Permission",
  "aws:s3/bucket:Bucket",
  // S3 writes access logs free of charge; the estimate leaves out what they take of storage.
  "aws:s3/bucketLogging:BucketLogging",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:sagemaker/featureGroup:FeatureGroup",
  "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
  "aws:scheduler/schedule:Schedule",
  "aws:sfn/stateMachine:StateMachine",
  "aws:sns/topic:Topic",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:sqs/queue:Queue",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
]);

/** The standing costs of a resource; undefined if its type has no price and is not known to be free. */
export function standingCosts({ type, inputs }: Registered): Standing[] | undefined {
  if (free.has(type) || !type.startsWith("aws:")) return [];
  return priced[type]?.(inputs);
}
