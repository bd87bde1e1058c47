/** What the program needs of an account, from the resources and the workflows that it registers. */
import { z } from "zod";
import { autoscalingRole } from "../../infra/stages/serve/scaling";
import { jobUnits } from "../shared/glue-jobs";
import type { Registered } from "../shared/program";

export interface QuotaNeed {
  /** The code of the service in Service Quotas. */
  service: "sagemaker" | "glue" | "lambda";
  /** The name of the quota there. Its code is another one for each instance type. */
  quota: string;
  needed: number;
  why: string;
  /** What it means if there is less. */
  otherwise: "fails" | "notice";
}

export interface LinkedRole {
  name: string;
  /** The service that assumes it. */
  service: string;
  /** When AWS makes it, and as whom. */
  madeBy: string;
}

export interface Stream {
  name: string;
  /** Undefined for on-demand capacity. */
  shards: number | undefined;
}

export interface Needs {
  quotas: QuotaNeed[];
  linkedRoles: LinkedRole[];
  streams: Stream[];
  /** The services in the region, by their names in AWS's public parameters. */
  services: string[];
  /** The ARN of the OpenID Connect provider that a role trusts. */
  identityProvider: string | undefined;
}

export function needsOf(resources: readonly Registered[]): Needs {
  const inputsOf = (type: string) => resources.filter((one) => one.type === type).map(({ inputs }) => inputs);
  const machines = inputsOf("aws:sfn/stateMachine:StateMachine").map((inputs) => machine.parse(inputs));
  const units = new Map(inputsOf("aws:glue/job:Job").map((inputs) => [jobUnits(inputs).name, jobUnits(inputs).units]));
  const scales = machines.some(({ definition }) => tasksOf(definition).some(isScaling));
  const calls = inputsOf("aws:cloudwatch/eventConnection:EventConnection").length > 0;
  const trusts = inputsOf("aws:iam/role:Role").map(({ assumeRolePolicy }) => String(assumeRolePolicy));
  return {
    quotas: [...jobQuotas(machines, units), ...functionQuotas(inputsOf("aws:lambda/function:Function").length)],
    linkedRoles: [...(scales ? [scalingRole] : []), ...(calls ? [destinationRole] : [])],
    streams: inputsOf("aws:kinesis/stream:Stream").map((inputs) => {
      const { name, shardCount } = stream.parse(inputs);
      return { name, shards: shardCount };
    }),
    services: servicesOf(resources),
    identityProvider: trusts.map((trust) => /arn:aws:iam::\d+:oidc-provider\/[^"]+/.exec(trust)?.[0]).find(Boolean),
  };
}

const machine = z.object({ name: z.string(), definition: z.string() });
type Machine = z.infer<typeof machine>;
const stream = z.object({ name: z.string(), shardCount: z.number().optional() });

/** Amazon EventBridge User Guide, "API destinations": the role is made with the account's first connection, by who makes that. */
const destinationRole: LinkedRole = {
  name: "AWSServiceRoleForAmazonEventBridgeApiDestinations",
  service: "apidestinations.events.amazonaws.com",
  madeBy: "with the first EventBridge connection, if who deploys may iam:CreateServiceLinkedRole",
};

const scalingRole: LinkedRole = {
  ...autoscalingRole,
  madeBy: "when the first endpoint begins to scale; the role of the serve workflow may iam:CreateServiceLinkedRole",
};

interface Task {
  /** Service and action, such as sagemaker:createTrainingJob. */
  action: string;
  arguments: unknown;
}

const task = z.object({ Resource: z.string(), Arguments: z.unknown() });

/** The tasks of a workflow, those within other states included. */
function tasksOf(definition: string): Task[] {
  const found: Task[] = [];
  // The reviver sees every object of the definition.
  JSON.parse(definition, (_, value: unknown) => {
    const { data } = task.safeParse(value);
    const [, action] = /^arn:aws:states:::(?:aws-sdk:)?(\w+:\w+)/.exec(data?.Resource ?? "") ?? [];
    if (action !== undefined) found.push({ action, arguments: data?.Arguments });
    return value;
  });
  return found;
}

const isScaling = ({ action }: Task) => action === "applicationautoscaling:registerScalableTarget";

const cluster = z.object({ InstanceType: z.string(), InstanceCount: z.number() });
const trainingJob = z.object({ ResourceConfig: cluster, EnableManagedSpotTraining: z.boolean().default(false) });
const processingJob = z.object({ ProcessingResources: z.object({ ClusterConfig: cluster }) });
const endpointConfig = z.object({
  ProductionVariants: z.array(z.object({ InstanceType: z.string(), InitialInstanceCount: z.number() })),
});
const scalableTarget = z.object({ MaxCapacity: z.number() });
const glueRun = z.object({ JobName: z.string() });

interface Demand {
  service: "sagemaker" | "glue";
  quota: string;
  amount: number;
}

/** Of each machine the most that one of its tasks takes: its executions run one after another, and so do their tasks. */
function jobQuotas(machines: readonly Machine[], units: ReadonlyMap<string, number>): QuotaNeed[] {
  const needs = new Map<string, QuotaNeed>();
  for (const { name, definition } of machines) {
    const tasks = tasksOf(definition);
    const most = new Map<string, Demand>();
    for (const demand of tasks.flatMap((one) => demandsOf(one, tasks, units))) {
      const before = most.get(demand.quota);
      if (before === undefined || before.amount < demand.amount) most.set(demand.quota, demand);
    }
    for (const { service, quota, amount } of most.values()) {
      const before = needs.get(quota);
      const why = before === undefined ? `${reasonFor(quota)} ${name}` : `${before.why}, ${name}`;
      needs.set(quota, { service, quota, needed: (before?.needed ?? 0) + amount, why, otherwise: "fails" });
    }
  }
  return [...needs.values()];
}

function demandsOf({ action, arguments: given }: Task, tasks: readonly Task[], units: ReadonlyMap<string, number>) {
  const sagemaker = (quota: string, amount: number): Demand => ({ service: "sagemaker", quota, amount });
  const glue = (quota: string, amount: number): Demand => ({ service: "glue", quota, amount });
  switch (action) {
    case "sagemaker:createTrainingJob": {
      const { ResourceConfig: of, EnableManagedSpotTraining: spot } = trainingJob.parse(given);
      return [sagemaker(`${of.InstanceType} for ${spot ? "spot " : ""}training job usage`, of.InstanceCount)];
    }
    case "sagemaker:createProcessingJob": {
      const { ClusterConfig: of } = processingJob.parse(given).ProcessingResources;
      return [sagemaker(`${of.InstanceType} for processing job usage`, of.InstanceCount)];
    }
    case "sagemaker:createEndpointConfig": {
      const largest = tasks.filter(isScaling).map((one) => scalableTarget.parse(one.arguments).MaxCapacity);
      return endpointConfig.parse(given).ProductionVariants.flatMap(({ InstanceType, InitialInstanceCount }) => {
        const instances = 2 * Math.max(InitialInstanceCount, ...largest);
        return [sagemaker(`${InstanceType} for endpoint usage`, instances), sagemaker(allEndpoints, instances)];
      });
    }
    case "glue:startJobRun": {
      const { JobName } = glueRun.parse(given);
      return [glue(jobRuns, 1), glue(processingUnits, units.get(JobName) ?? Number.NaN)];
    }
    default:
      return [];
  }
}

const allEndpoints = "Number of instances across active endpoints";
const jobRuns = "Max concurrent job runs per account";
const processingUnits = "Max task DPUs per account";

function reasonFor(quota: string): string {
  if (quota === allEndpoints || quota.endsWith("for endpoint usage")) {
    return "twice the most instances of each endpoint, because a deployment starts the new fleet beside the old one:";
  }
  return quota === processingUnits ? "the largest job of each workflow:" : "one at a time in each workflow:";
}

/** A new account may have 10 of the usual 1,000. All run at once at most while a day's runs begin. */
function functionQuotas(functions: number): QuotaNeed[] {
  const why = `each of the ${functions} functions once; requests for predictions come on top, and above the quota they are refused`;
  return functions === 0
    ? []
    : [{ service: "lambda", quota: "Concurrent executions", needed: functions, why, otherwise: "notice" }];
}

/** The service of a type's resources, by its name in AWS's public parameters; null: it is global, or its list there has gaps. */
const services: readonly [RegExp, string | null][] = [
  [/^aws:cloudwatch\/event/, "events"],
  [/^aws:cloudwatch\/log/, "logs"],
  [/^aws:cloudwatch\//, "cloudwatch"],
  [/^aws:(ec2|vpc)\//, "ec2"],
  [/^aws:kinesis\/firehose/, "firehose"],
  [/^aws:sagemaker\/featureGroup/, "sagemaker-featurestore-runtime"],
  [/^aws:sfn\//, "stepfunctions"],
  [/^aws:(iam|budgets)\//, null],
];

export function servicesOf(resources: readonly Pick<Registered, "type">[]): string[] {
  const names = resources.flatMap(({ type }) => {
    const [, module] = /^aws:(\w+)\//.exec(type) ?? [];
    if (module === undefined) return [];
    const known = services.find(([pattern]) => pattern.test(type));
    return known === undefined ? [module] : (known[1] ?? []);
  });
  return [...new Set(names)].sort();
}
