/** What `daybreak:network: private` makes of the program, and that `public` has none of it. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { findEndpoints } from "../../infra/environment/endpoints";
import { list, type PolicyStatement, type Recorded, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";
import { githubSettings } from "./support/whole-program";

let open: Recording;
let closed: Recording;

beforeAll(async () => {
  const spec = makeSpec();
  const reviewers = ["arn:aws:iam::123456789012:role/staff"];
  const promotion = { from: { environment: "before", account: "444455556666" } };
  const settings = { people: { reviewers, separateDuties: true }, promotion, ...githubSettings };
  open = await runStack(makeConfig([spec], settings));
  closed = await runStack(makeConfig([spec], { ...settings, network: "private" }));
});

const lambdas = (stack: Recording) => stack.all("aws:lambda/function:Function");
const nameOf = ({ inputs }: Recorded) => String(inputs.name);
const actionsOf = (statements: readonly PolicyStatement[]) =>
  statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => list(Action));
const principalOf = (role: Recorded) =>
  Recording.document<{ Statement: { Principal: { Service?: string } }[] }>(role, "assumeRolePolicy").Statement[0]
    ?.Principal.Service;
const rolesOf = (stack: Recording, service: string) =>
  stack
    .all("aws:iam/role:Role")
    .filter((role) => principalOf(role) === `${service}.amazonaws.com`)
    .map(nameOf);

/** The one function that calls the internet. */
const outside = "daybreak-dev-alert-slack";
/** SageMaker assumes this role to write tables; it runs no container. */
const store = /-feature-store$/;

/** Every request of the workflows that starts a container: its state, whether it is isolated, and its VpcConfig. */
function containers(stack: Recording) {
  return stack.all("aws:sfn/stateMachine:StateMachine").flatMap((machine) => {
    const { States } = Recording.document<{ States: Record<string, { Resource?: string; Arguments?: unknown }> }>(
      machine,
      "definition",
    );
    return Object.entries(States)
      .filter(([, { Resource = "" }]) => /:sagemaker:create(TrainingJob|ProcessingJob|Model)(\.sync)?$/.test(Resource))
      .map(([state, { Arguments }]) => {
        const request = Arguments as Record<string, unknown> & { NetworkConfig?: Record<string, unknown> };
        const { EnableNetworkIsolation, VpcConfig } = request.NetworkConfig ?? request;
        return { name: `${nameOf(machine)} ${state}`, EnableNetworkIsolation, VpcConfig };
      });
  });
}

/** The endpoint by whose name an action's service is called. */
function endpointOf(action: string): string {
  if (/^sagemaker:InvokeEndpoint/.test(action)) return "sagemaker.runtime";
  if (/^sagemaker:(Get|Put|Delete|BatchGet)Record$/.test(action)) return "sagemaker.featurestore-runtime";
  const [service = ""] = action.split(":");
  return { cloudwatch: "monitoring", sagemaker: "sagemaker.api" }[service] ?? service;
}

/** What AWS itself does with the role, from its own network. */
const doneByAws: Readonly<Record<string, (action: string) => boolean>> = {
  // Lambda and Glue write the logs of what they run ("AWS Glue will continue to use local proxy for publishing CloudWatch logs":
  // Glue developer guide, "Configuring AWS calls to go through your VPC"), Lambda runs the X-Ray daemon and sends dead letters.
  logs: (action) => /^logs:(CreateLogStream|PutLogEvents)$/.test(action),
  xray: (action) => /^xray:Put(TraceSegments|TelemetryRecords)$/.test(action),
  sqs: (action) => action === "sqs:SendMessage",
  // SageMaker looks at the image with the permissions of who registers a version.
  ecr: () => true,
  // Lambda and Glue make the interfaces in the network.
  ec2: () => true,
};

describe("a private network", () => {
  const subnets = ["subnet-network-subnet-a", "subnet-network-subnet-b"];

  it("has every Lambda but the one that calls Slack in both subnets", () => {
    const configs = lambdas(closed).map((lambda) => [nameOf(lambda), lambda.inputs.vpcConfig] as const);
    expect(configs.length).toBeGreaterThan(9);
    for (const [name, config] of configs) {
      const expected =
        name === outside ? undefined : { subnetIds: subnets, securityGroupIds: ["sg-network-group-functions"] };
      expect([name, config]).toEqual([name, expected]);
    }
  });

  it("has every Glue job on its connections, and all that the job calls goes through it", () => {
    const connections = closed.all("aws:glue/connection:Connection").map(({ inputs }) => inputs);
    expect(connections).toEqual(
      ["a", "b"].map((suffix) => ({
        name: `daybreak-dev-${suffix}`,
        description: expect.any(String),
        connectionType: "NETWORK",
        physicalConnectionRequirements: {
          availabilityZone: `us-east-1${suffix}`,
          subnetId: `subnet-network-subnet-${suffix}`,
          securityGroupIdLists: ["sg-network-group-jobs"],
        },
      })),
    );
    const jobs = closed.all("aws:glue/job:Job");
    expect(jobs.length).toBeGreaterThan(5);
    for (const { inputs } of jobs) {
      expect(inputs).toMatchObject({
        connections: ["daybreak-dev-a", "daybreak-dev-b"],
        defaultArguments: { "--disable-proxy-v2": "true" },
      });
    }
  });

  it("has every container of SageMaker in it, isolated", () => {
    const found = containers(closed);
    expect(found.length).toBeGreaterThan(3);
    for (const container of found) {
      expect(container).toEqual({
        name: container.name,
        EnableNetworkIsolation: true,
        VpcConfig: { Subnets: subnets, SecurityGroupIds: ["sg-network-group-containers"] },
      });
    }
  });

  it("has no way to the internet or to another network", () => {
    const types = new Set(closed.resources.map(({ type }) => type).filter((type) => /^aws:(ec2|vpc)\//.test(type)));
    expect([...types].sort()).toEqual([
      "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
      "aws:ec2/flowLog:FlowLog",
      "aws:ec2/routeTable:RouteTable",
      "aws:ec2/routeTableAssociation:RouteTableAssociation",
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:ec2/subnet:Subnet",
      "aws:ec2/vpc:Vpc",
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ]);
    const [routes, ...others] = closed.all("aws:ec2/routeTable:RouteTable");
    expect(others).toEqual([]);
    expect(Object.keys(routes?.inputs ?? {}).sort()).toEqual(["tags", "vpcId"]);
  });

  it("allows calls of the endpoints and of S3, and Spark's own, and nothing else", () => {
    const groups = closed.all("aws:ec2/securityGroup:SecurityGroup");
    expect(groups.filter(({ inputs }) => inputs.ingress !== undefined || inputs.egress !== undefined)).toEqual([]);
    const [byDefault] = closed.all("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    expect(Object.keys(byDefault?.inputs ?? {})).toEqual(["vpcId"]);
    const rules = (direction: "Egress" | "Ingress") =>
      closed.all(`aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`).map(({ inputs }) => {
        expect(Object.keys(inputs)).not.toContain("cidrIpv4");
        expect(Object.keys(inputs)).not.toContain("cidrIpv6");
        const own = String(inputs.securityGroupId).replace("sg-network-group-", "");
        const other = String(inputs.referencedSecurityGroupId ?? inputs.prefixListId).replace("sg-network-group-", "");
        const [from, to] = direction === "Egress" ? [own, other] : [other, own];
        return `${from} > ${to} ${inputs.ipProtocol} ${inputs.fromPort}-${inputs.toPort}`;
      });
    const between = ["functions > endpoints tcp 443-443", "jobs > endpoints tcp 443-443", "jobs > jobs tcp 0-65535"];
    expect(rules("Ingress").sort()).toEqual(between);
    expect(rules("Egress").sort()).toEqual(
      [...between, ...["containers", "functions", "jobs"].map((from) => `${from} > pl-network-s3 tcp 443-443`)].sort(),
    );
  });

  it("has an endpoint for every service that code in it calls, by the grants of its roles, and for no other", () => {
    const inside = [...rolesOf(closed, "lambda").filter((name) => name !== outside), ...rolesOf(closed, "glue")];
    const actions = inside
      .flatMap((name) => actionsOf(closed.policyOf(name)))
      .filter((action) => doneByAws[action.split(":")[0] ?? ""]?.(action) !== true);
    const endpoints = closed.all("aws:ec2/vpcEndpoint:VpcEndpoint");
    const services = endpoints.map(({ inputs }) => String(inputs.serviceName).replace("com.amazonaws.us-east-1.", ""));
    expect(services.sort()).toEqual([...new Set(actions.map(endpointOf))].sort());
  });

  it("lets nobody but the account use the endpoints, and reaches no bucket but the account's and those that versions come from", () => {
    for (const endpoint of closed.all("aws:ec2/vpcEndpoint:VpcEndpoint")) {
      const [statement, ...others] = Recording.document<{ Statement: PolicyStatement[] }>(endpoint, "policy").Statement;
      const own = { "aws:PrincipalAccount": "123456789012" };
      const gateway = endpoint.inputs.vpcEndpointType === "Gateway";
      const source = {
        ...{ Sid: "SourceBuckets", Effect: "Allow", Principal: "*", Action: "s3:GetObject" },
        Resource: ["lake", "code"].map((bucket) => `arn:aws:s3:::daybreak-before-${bucket}-444455556666/*`),
        Condition: { StringEquals: own },
      };
      expect(others).toEqual(gateway ? [source] : []);
      expect(statement?.Condition).toEqual({
        StringEquals: gateway ? { ...own, "aws:ResourceAccount": "123456789012" } : own,
      });
      if (gateway) {
        expect(endpoint.inputs.routeTableIds).toHaveLength(1);
      } else {
        expect(endpoint.inputs).toMatchObject({
          subnetIds: subnets,
          privateDnsEnabled: true,
          securityGroupIds: ["sg-network-group-endpoints"],
        });
      }
    }
  });

  it("gives each role what its service needs for interfaces in the subnets, and a function's code none of it", () => {
    const added = (name: string) => {
      const before = new Set(open.policyOf(name).map(({ Sid }) => Sid));
      return closed.policyOf(name).filter(({ Sid }) => !before.has(Sid));
    };
    const summary = (name: string) =>
      added(name).map(({ Effect, Action, Resource }) => [Effect, list(Action), list(Resource)]);
    const ec2 = (path: string) => `arn:aws:ec2:us-east-1:123456789012:${path}`;
    const create = (group: string) => [
      "Allow",
      ["ec2:CreateNetworkInterface"],
      [
        ...subnets.map((id) => ec2(`subnet/${id}`)),
        ec2(`security-group/sg-network-group-${group}`),
        ec2("network-interface/*"),
      ],
    ];
    const lambda = "daybreak-dev-shop-run-plan";
    expect(summary(lambda).slice(0, 3)).toEqual([
      create("functions"),
      ["Allow", ["ec2:DeleteNetworkInterface"], [ec2("*/*")]],
      ["Allow", ["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"], [ec2("network-interface/*")]],
    ]);
    const [denied, ...more] = added(lambda).filter(({ Effect }) => Effect === "Deny");
    expect(more).toEqual([]);
    expect(list(denied?.Action).sort()).toEqual(actionsOf(added(lambda)).sort());
    expect(denied?.Condition).toEqual({
      ArnEquals: { "lambda:SourceFunctionArn": `arn:aws:lambda:us-east-1:123456789012:function:${lambda}` },
    });
    const glue = "arn:aws:glue:us-east-1:123456789012";
    expect(summary("daybreak-dev-shop-transform").slice(0, 3)).toEqual([
      [
        "Allow",
        ["glue:GetConnection"],
        ["catalog", "connection/daybreak-dev-a", "connection/daybreak-dev-b"].map((path) => `${glue}:${path}`),
      ],
      create("jobs"),
      ["Allow", ["ec2:DeleteNetworkInterface"], [ec2("network-interface/*")]],
    ]);
    for (const name of rolesOf(closed, "lambda").filter((role) => role !== outside)) {
      expect(summary(name).map(([, actions]) => actions)).toEqual(summary(lambda).map(([, actions]) => actions));
    }
    for (const name of rolesOf(closed, "sagemaker").filter((role) => !store.test(role))) {
      expect(actionsOf(added(name))).toContain("ec2:CreateNetworkInterfacePermission");
    }
    expect([outside, ...rolesOf(closed, "sagemaker").filter((role) => store.test(role))].flatMap(added)).toEqual([]);
  });

  it("logs what goes through it", () => {
    const [flowLog] = closed.all("aws:ec2/flowLog:FlowLog");
    expect(flowLog?.inputs).toMatchObject({ trafficType: "ALL", vpcId: "vpc-network-vpc" });
    const group = closed.one("aws:cloudwatch/logGroup:LogGroup", { name: "/aws/vpc/daybreak-dev" });
    expect(group.inputs).toMatchObject({ retentionInDays: 90, kmsKeyId: expect.stringContaining("data-key") });
  });
});

describe("a public network", () => {
  it("is no network of the account's, and needs no permission for one", () => {
    expect(open.resources.filter(({ type }) => /^aws:(ec2|vpc)\/|:Connection$/.test(type))).toEqual([]);
    expect(lambdas(open).filter(({ inputs }) => inputs.vpcConfig !== undefined)).toEqual([]);
    expect(open.all("aws:glue/job:Job").filter(({ inputs }) => inputs.connections !== undefined)).toEqual([]);
    expect(containers(open).filter(({ VpcConfig }) => VpcConfig !== undefined)).toEqual([]);
    const actions = open.all("aws:iam/role:Role").flatMap((role) => actionsOf(open.policyOf(nameOf(role))));
    expect(actions.filter((action) => action.startsWith("ec2:") || action === "glue:GetConnection")).toEqual([]);
  });
});

describe("the zones of a private network", () => {
  const zonesOf: Record<string, string[]> = {};
  const offered = () =>
    pulumi.runtime
      .setMocks({
        newResource: () => ({ id: "", state: {} }),
        call: ({ inputs }) => ({
          availabilityZones: zonesOf[inputs.service] ?? ["us-east-1c", "us-east-1a", "us-east-1b"],
          vpcEndpointPolicySupported: inputs.service !== "states",
        }),
      })
      .then(() => findEndpoints("us-east-1"));

  it("are two that have all endpoints", async () => {
    zonesOf["sagemaker.runtime"] = ["us-east-1b", "us-east-1c", "us-east-1d"];
    const { zones, withPolicy } = await offered();
    expect(zones).toEqual(["us-east-1b", "us-east-1c"]);
    expect([withPolicy.has("sns"), withPolicy.has("states")]).toEqual([true, false]);
  });

  it("must be at least two", async () => {
    zonesOf["sagemaker.runtime"] = ["us-east-1b"];
    await expect(offered()).rejects.toThrow(/us-east-1 has fewer than two availability zones[\s\S]*"public"/);
  });
});
