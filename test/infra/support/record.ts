/** Runs the Pulumi program against the SDK's mock monitor and records all registered resources. */
import * as pulumi from "@pulumi/pulumi";
import { accountId, providerFunction, withoutStackTraces } from "../../../cli/shared/program";
import type { StackOutputs } from "../../../infra/outputs";

export { accountId };

/** A registered resource. */
export interface Recorded {
  urn: string;
  type: string;
  name: string;
  parent: string;
  custom: boolean;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  id: string;
  protect: boolean;
  retainOnDelete: boolean;
  dependsOn: string[];
  ignoreChanges: string[];
}

const text = (value: unknown) => String(value);

/** IDs, ARNs and other outputs in AWS's format, by resource type. */
function realistic(type: string, name: string, inputs: Record<string, unknown>, region: string) {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${accountId}:${rest}`;
  const own = text(inputs.name ?? name);
  const known: Record<string, () => { id: string } & Record<string, unknown>> = {
    "aws:kms/key:Key": () => ({ id: `key-${name}`, keyId: `key-${name}`, arn: arn("kms", `key/key-${name}`) }),
    "aws:s3/bucket:Bucket": () => ({ id: text(inputs.bucket), arn: `arn:aws:s3:::${text(inputs.bucket)}` }),
    "aws:s3/bucketObjectv2:BucketObjectv2": () => ({ id: text(inputs.key) }),
    "aws:sns/topic:Topic": () => ({ id: arn("sns", own), arn: arn("sns", own) }),
    "aws:sqs/queue:Queue": () => ({
      id: `https://sqs.${region}.amazonaws.com/${accountId}/${own}`,
      arn: arn("sqs", own),
    }),
    "aws:secretsmanager/secret:Secret": () => ({
      id: arn("secretsmanager", `secret:${own}-AbCdEf`),
      arn: arn("secretsmanager", `secret:${own}-AbCdEf`),
    }),
    "aws:iam/role:Role": () => ({ id: own, uniqueId: `id-${own}`, arn: `arn:aws:iam::${accountId}:role/${own}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({ id: `${text(inputs.role)}:${own}` }),
    "aws:lambda/function:Function": () => ({ id: own, arn: arn("lambda", `function:${own}`) }),
    "aws:lambda/functionUrl:FunctionUrl": () => ({
      id: text(inputs.functionName),
      functionUrl: `https://${name}.lambda-url.${region}.on.aws/`,
    }),
    "aws:cloudwatch/logGroup:LogGroup": () => ({ id: own, arn: arn("logs", `log-group:${own}`) }),
    "aws:cloudwatch/eventRule:EventRule": () => ({ id: own, arn: arn("events", `rule/${own}`) }),
    "aws:cloudwatch/eventConnection:EventConnection": () => ({ id: own, arn: arn("events", `connection/${own}/c0`) }),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": () => ({
      id: own,
      arn: arn("events", `api-destination/${own}/d0`),
    }),
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => ({ id: own, arn: arn("cloudwatch", `alarm:${own}`) }),
    "aws:kinesis/stream:Stream": () => ({ id: arn("kinesis", `stream/${own}`), arn: arn("kinesis", `stream/${own}`) }),
    "aws:ec2/vpc:Vpc": () => ({ id: `vpc-${name}`, arn: arn("ec2", `vpc/vpc-${name}`) }),
    "aws:ec2/subnet:Subnet": () => ({ id: `subnet-${name}`, arn: arn("ec2", `subnet/subnet-${name}`) }),
    "aws:ec2/securityGroup:SecurityGroup": () => ({
      id: `sg-${name}`,
      arn: arn("ec2", `security-group/sg-${name}`),
    }),
    "aws:ec2/vpcEndpoint:VpcEndpoint": () => ({ id: `vpce-${name}`, prefixListId: `pl-${name}` }),
    "aws:glue/job:Job": () => ({ id: own, arn: arn("glue", `job/${own}`) }),
    "aws:sagemaker/featureGroup:FeatureGroup": () => ({
      id: text(inputs.featureGroupName),
      arn: arn("sagemaker", `feature-group/${text(inputs.featureGroupName)}`),
    }),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": () => ({
      id: text(inputs.modelPackageGroupName),
      arn: arn("sagemaker", `model-package-group/${text(inputs.modelPackageGroupName)}`),
    }),
    "aws:sfn/stateMachine:StateMachine": () => ({
      id: arn("states", `stateMachine:${own}`),
      arn: arn("states", `stateMachine:${own}`),
    }),
  };
  const { id, ...outputs } = known[type]?.() ?? { id: `${name}-id` };
  return { id, outputs };
}

/** The resources and outputs of one program run. */
export class Recording {
  constructor(
    readonly resources: readonly Recorded[],
    readonly outputs: pulumi.Unwrap<StackOutputs>,
  ) {}

  /** All resources of a type such as `aws:iam/role:Role`. */
  all(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /**
   * The only resource of a type whose inputs have these values.
   *
   * @throws Error if there is none or more than one
   */
  one(type: string, inputs: Record<string, unknown>): Recorded {
    const found = this.all(type).filter((resource) =>
      Object.entries(inputs).every(([key, value]) => resource.inputs[key] === value),
    );
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`Expected one ${type} with ${JSON.stringify(inputs)}; found ${found.length}.`);
    }
    return only;
  }

  /** Parses a resource input that contains JSON. */
  static document<Shape = Record<string, unknown>>(resource: Recorded, input: string): Shape {
    const value = resource.inputs[input];
    if (typeof value !== "string") throw new Error(`${resource.urn} has no string input ${input}, but ${typeof value}`);
    return JSON.parse(value) as Shape;
  }

  /** The statements of a role's policy. */
  policyOf(roleName: string): PolicyStatement[] {
    const policy = this.one("aws:iam/rolePolicy:RolePolicy", { role: roleName });
    return Recording.document<{ Statement: PolicyStatement[] }>(policy, "policy").Statement;
  }
}

export interface PolicyStatement {
  Sid: string;
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

/** A value or a list of values, as a list. */
export function list<T>(value: T | readonly T[]): T[] {
  return Array.isArray(value) ? [...value] : [value as T];
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getObject(): Parameters<typeof pulumi.runtime.deserializeProperties>[0];
}

type Answer = (error: unknown, response?: unknown) => void;

/** The URN with the types of all parents, as the Pulumi engine builds it. */
function urnOf(request: Request, stack: string): string {
  const parentType = request.getParent().split("::")[2];
  const isRoot = parentType === undefined || parentType === "pulumi:pulumi:Stack";
  const type = isRoot ? request.getType() : `${parentType}$${request.getType()}`;
  return `urn:pulumi:${stack}::daybreak::${type}::${request.getName()}`;
}

/** Where a program runs. */
interface Stack {
  stack: string;
  region: string;
}

/** Records a resource and answers with realistic outputs. */
async function register(request: Request, { stack, region }: Stack, kept: Recorded[], answer: Answer): Promise<void> {
  const urn = urnOf(request, stack);
  const [type, name, custom] = [request.getType(), request.getName(), request.getCustom()];
  const inputs = pulumi.runtime.deserializeProperties(request.getObject()) as Record<string, unknown>;
  const { id, outputs } = custom ? realistic(type, name, inputs, region) : { id: "", outputs: {} };
  kept.push({
    urn,
    type,
    name,
    custom,
    inputs,
    id,
    outputs: { ...inputs, ...outputs },
    parent: request.getParent(),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    dependsOn: request.getDependenciesList(),
    ignoreChanges: request.getIgnorechangesList(),
  });
  const state = await pulumi.runtime.serializeProperties("", { ...inputs, ...outputs });
  answer(null, {
    getUrn: () => urn,
    getId: () => id,
    getObject: () => ({ toJavaScript: () => state }),
    getPropertydependenciesMap: () => undefined,
    getResult: () => 0,
  });
}

function resolve<T>(value: T): Promise<pulumi.Unwrap<T>> {
  return new Promise((done) => {
    pulumi.output(value).apply((known) => {
      done(known);
    });
  });
}

/** Runs a program as a stack and records the resources that it registers. */
export function record(program: () => Promise<StackOutputs>, where: Partial<Stack> = {}): Promise<Recording> {
  return withoutStackTraces(() => recordOnce(program, where));
}

async function recordOnce(program: () => Promise<StackOutputs>, where: Partial<Stack>): Promise<Recording> {
  const { stack = "test", region = "us-east-1" } = where;
  const kept: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => providerFunction(token, region),
      newResource: () => {
        throw new Error("registerResource below replaces the SDK's mock for new resources.");
      },
    },
    "daybreak",
    stack,
  );
  Object.assign(pulumi.runtime.getMonitor() ?? {}, {
    registerResource: (request: Request, answer: Answer) => register(request, { stack, region }, kept, answer),
    registerResourceOutputs: (_request: unknown, answer: Answer) => answer(null, {}),
  });
  const outputs = await resolve(await program());
  await pulumi.runtime.disconnect();
  return new Recording(kept, outputs as pulumi.Unwrap<StackOutputs>);
}
