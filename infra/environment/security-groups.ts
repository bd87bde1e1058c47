/** Who in the private network may talk to whom. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { EnvironmentNames } from "../names";

/** The groups, by what is in them. */
const members = {
  functions: "Lambdas",
  jobs: "Glue jobs",
  containers: "SageMaker's jobs and endpoints",
  endpoints: "Interface endpoints of AWS's services",
} as const;
type Group = keyof typeof members;

const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };

/** From whom to whom. SageMaker's containers call nobody; SageMaker gets and puts their files in S3. */
const allowed: readonly { from: Group; to: Group; ports: typeof https }[] = [
  { from: "functions", to: "endpoints", ports: https },
  { from: "jobs", to: "endpoints", ports: https },
  // Spark's driver and executors use any port. Glue refuses a connection without this rule.
  { from: "jobs", to: "jobs", ports: { ipProtocol: "tcp", fromPort: 0, toPort: 65535 } },
];
const callsS3: readonly Group[] = ["functions", "jobs", "containers"];

export interface SecurityGroups {
  groups: Record<Group, aws.ec2.SecurityGroup>;
  rules: pulumi.CustomResource[];
}

/** Makes the groups and their rules; nothing else is allowed. The VPC's default group gets no rules at all. */
export function securityGroups(
  name: string,
  network: { vpcId: pulumi.Output<string>; s3PrefixListId: pulumi.Output<string>; names: EnvironmentNames },
  options: pulumi.CustomResourceOptions,
): SecurityGroups {
  const { vpcId, s3PrefixListId, names } = network;
  new aws.ec2.DefaultSecurityGroup(`${name}-default`, { vpcId }, options);
  const group = (kind: Group) =>
    new aws.ec2.SecurityGroup(
      `${name}-${kind}`,
      // No name of ours: AWS takes a change of the description only by a new group, which could not have the name of the old one.
      { vpcId, description: members[kind], tags: { Name: `${names.prefix}-${kind}` } },
      options,
    );
  const groups = {
    functions: group("functions"),
    jobs: group("jobs"),
    containers: group("containers"),
    endpoints: group("endpoints"),
  };
  const between = allowed.flatMap(({ from, to, ports }) => [
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-${from}-to-${to}`,
      {
        ...ports,
        securityGroupId: groups[from].id,
        referencedSecurityGroupId: groups[to].id,
        description: `To: ${members[to]}`,
      },
      options,
    ),
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${to}-from-${from}`,
      {
        ...ports,
        securityGroupId: groups[to].id,
        referencedSecurityGroupId: groups[from].id,
        description: `From: ${members[from]}`,
      },
      options,
    ),
  ]);
  const s3 = callsS3.map(
    (from) =>
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-${from}-to-s3`,
        { ...https, securityGroupId: groups[from].id, prefixListId: s3PrefixListId, description: "To: S3" },
        options,
      ),
  );
  return { groups, rules: [...between, ...s3] };
}
