import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { logGroup } from "../components/log-group";
import { ServiceRole } from "../components/service-role";
import type { StackConfig } from "../config";
import {
  containerInterfaces,
  functionInterfaces,
  type InterfacePlace,
  jobInterfaces,
  ownBuckets,
  ownPrincipals,
  sourceBuckets,
  writeFlowLogs,
} from "../iam/network";
import { resourcePolicyDocument, type Statement } from "../iam/statements";
import type { EnvironmentNames, Place } from "../names";
import { placeOf } from "../promotion/settings";
import type { Value } from "../workflows/states";
import { type EndpointOffer, endpointServices } from "./endpoints";
import { securityGroups } from "./security-groups";

/** Peered with nothing, so no other network's addresses matter. Not 172.17.0.0/16, which containers use on their instances. */
const addresses = { network: "10.0.0.0/16", subnets: ["10.0.0.0/18", "10.0.64.0/18"] };

export interface NetworkArgs {
  place: Place;
  names: EnvironmentNames;
  config: StackConfig;
  dataKeyArn: pulumi.Input<string>;
  offer: EndpointOffer;
}

/**
 * The private network (`daybreak:network: private`): two subnets in which Lambdas, Glue jobs, and SageMaker's jobs and endpoints
 * run. It has no internet gateway; its only ways out are endpoints of the services of AWS that they call.
 */
export class Network extends pulumi.ComponentResource {
  /** What a Lambda takes. */
  readonly functionConfig: { subnetIds: pulumi.Output<string>[]; securityGroupIds: pulumi.Output<string>[] };
  /** Permissions of a Lambda's role. */
  readonly functionStatements: (functionName: string) => Statement[];
  /** The names of the connections that a Glue job takes, one for each subnet. */
  readonly connections: pulumi.Output<string>[];
  /** Permissions of the role of a Glue job. */
  readonly jobStatements: readonly Statement[];
  /** What SageMaker's jobs and models take: its VpcConfig. */
  readonly containerConfig: Value;
  /** Permissions of the role of a SageMaker job or model. */
  readonly containerStatements = containerInterfaces;

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:environment:Network", name, {}, options);
    const { place, names } = args;
    const inside = { parent: this };
    const vpc = new aws.ec2.Vpc(
      `${name}-vpc`,
      {
        cidrBlock: addresses.network,
        // For the names of the endpoints.
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: { Name: names.prefix },
      },
      inside,
    );
    flowLogs(name, args, vpc.id, inside);
    const routes = new aws.ec2.RouteTable(`${name}-routes`, { vpcId: vpc.id, tags: { Name: names.prefix } }, inside);
    const subnets = args.offer.zones.map((zone, index) => subnet(name, args, { vpc, routes, zone, index }, inside));
    const gateway = s3Gateway(name, args, { vpc, routes }, inside);
    const { groups, rules } = securityGroups(
      `${name}-group`,
      { names, vpcId: vpc.id, s3PrefixListId: gateway.prefixListId },
      inside,
    );
    const endpoints = endpointServices.map((service) =>
      interfaceEndpoint(name, args, { service, vpc, subnets, group: groups.endpoints }, inside),
    );
    // Code runs in a subnet only once all that it needs there is ready.
    const needs = [...rules, ...endpoints, ...subnets.map(({ association }) => association)];
    const ready = pulumi.all(needs.map(({ id }) => id));
    const subnetIds = subnets.map(({ made }) => pulumi.all([made.id, ready]).apply(([id]) => id));
    const interfacesIn = (group: aws.ec2.SecurityGroup): InterfacePlace => ({
      ...{ place, subnetArns: subnets.map(({ made }) => made.arn), securityGroupArn: group.arn },
    });

    this.functionConfig = { subnetIds, securityGroupIds: [groups.functions.id] };
    this.functionStatements = (functionName) => functionInterfaces(interfacesIn(groups.functions), functionName);
    // Glue takes the first whose zone is healthy and whose subnet has free addresses (re:Post, "AWS Glue Job Networking").
    this.connections = subnets.map(({ made, suffix }) =>
      connection(name, args, { made, suffix, ready, group: groups.jobs }, inside),
    );
    this.jobStatements = jobInterfaces(interfacesIn(groups.jobs), {
      vpcArn: vpc.arn,
      connections: subnets.map(({ suffix }) => names.glueConnection(suffix)),
    });
    this.containerConfig = { Subnets: subnetIds, SecurityGroupIds: [groups.containers.id] };
    this.registerOutputs({});
  }
}

function flowLogs(
  name: string,
  { place, names, config, dataKeyArn }: NetworkArgs,
  vpcId: pulumi.Output<string>,
  inside: pulumi.CustomResourceOptions,
): void {
  const logs = logGroup(`${name}-flow-logs`, names.flowLogs, { config, dataKeyArn }, inside);
  const role = new ServiceRole(
    `${name}-flow-logs`,
    {
      roleName: names.flowLogsRole,
      service: "vpc-flow-logs.amazonaws.com",
      accountId: place.accountId,
      description: "Writes the flow logs of the private network",
      statements: writeFlowLogs(logs.arn),
    },
    inside,
  );
  new aws.ec2.FlowLog(
    `${name}-flow-log`,
    { vpcId, trafficType: "ALL", logDestination: logs.arn, iamRoleArn: role.arn },
    inside,
  );
}

interface PrivateSubnet {
  /** `a` or `b`. */
  suffix: string;
  made: aws.ec2.Subnet;
  association: aws.ec2.RouteTableAssociation;
}

/** A subnet whose route table has no routes but that of the gateway to S3. */
function subnet(
  name: string,
  { names }: NetworkArgs,
  where: { vpc: aws.ec2.Vpc; routes: aws.ec2.RouteTable; zone: string; index: number },
  inside: pulumi.CustomResourceOptions,
): PrivateSubnet {
  const { vpc, routes, zone, index } = where;
  const suffix = "ab".charAt(index);
  const made = new aws.ec2.Subnet(
    `${name}-subnet-${suffix}`,
    {
      vpcId: vpc.id,
      availabilityZone: zone,
      cidrBlock: addresses.subnets[index],
      tags: { Name: `${names.prefix}-${suffix}` },
    },
    // AWS may offer the endpoints in further zones one day: that must not replace the subnets and all that is in them.
    { ...inside, ignoreChanges: ["availabilityZone"] },
  );
  const association = new aws.ec2.RouteTableAssociation(
    `${name}-routes-${suffix}`,
    { subnetId: made.id, routeTableId: routes.id },
    inside,
  );
  return { suffix, made, association };
}

function s3Gateway(
  name: string,
  { place, names, config }: NetworkArgs,
  { vpc, routes }: { vpc: aws.ec2.Vpc; routes: aws.ec2.RouteTable },
  inside: pulumi.CustomResourceOptions,
): aws.ec2.VpcEndpoint {
  const from = config.promotion.from && placeOf(place, config.promotion.from);
  const isForeign = from !== undefined && from.accountId !== place.accountId;
  return new aws.ec2.VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${place.region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: [routes.id],
      policy: resourcePolicyDocument([ownBuckets(place), ...(isForeign ? [sourceBuckets(place, from)] : [])]),
      tags: { Name: `${names.prefix}-s3` },
    },
    inside,
  );
}

function interfaceEndpoint(
  name: string,
  { place, names, offer }: NetworkArgs,
  wanted: { service: string; vpc: aws.ec2.Vpc; subnets: PrivateSubnet[]; group: aws.ec2.SecurityGroup },
  inside: pulumi.CustomResourceOptions,
): aws.ec2.VpcEndpoint {
  const { service, vpc, subnets, group } = wanted;
  return new aws.ec2.VpcEndpoint(
    `${name}-${service}`,
    {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${place.region}.${service}`,
      vpcEndpointType: "Interface",
      subnetIds: subnets.map(({ made }) => made.id),
      securityGroupIds: [group.id],
      privateDnsEnabled: true,
      ...(offer.withPolicy.has(service) ? { policy: resourcePolicyDocument([ownPrincipals(place)]) } : {}),
      tags: { Name: `${names.prefix}-${service}` },
    },
    inside,
  );
}

function connection(
  name: string,
  { names }: NetworkArgs,
  to: Pick<PrivateSubnet, "made" | "suffix"> & { ready: pulumi.Output<string[]>; group: aws.ec2.SecurityGroup },
  inside: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { made, suffix, ready, group } = to;
  return new aws.glue.Connection(
    `${name}-connection-${suffix}`,
    {
      name: names.glueConnection(suffix),
      description: "Puts a job into a private subnet",
      connectionType: "NETWORK",
      physicalConnectionRequirements: {
        subnetId: pulumi.all([made.id, ready]).apply(([id]) => id),
        availabilityZone: made.availabilityZone,
        securityGroupIdLists: [group.id],
      },
    },
    inside,
  ).name;
}
