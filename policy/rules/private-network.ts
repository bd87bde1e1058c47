import { at, type Resource, type Rule } from "../rule";

const vpc = "aws:ec2/vpc:Vpc";
const lambda = "aws:lambda/function:Function";
const job = "aws:glue/job:Job";
const machine = "aws:sfn/stateMachine:StateMachine";

/** The only functions that run outside, with the reason: ends of their names. */
export const outside: Readonly<Record<string, string>> = {
  "-alert-slack": "calls Slack; it is told of alerts, and reads no data",
};

/** Requests of workflows that start containers, and where each has its network. */
const requests: readonly [RegExp, readonly string[]][] = [
  [/:sagemaker:createTrainingJob(\.sync)?$/, []],
  [/:sagemaker:createProcessingJob(\.sync)?$/, ["NetworkConfig"]],
  [/:sagemaker:createModel$/, []],
];

const stackOf = (urn: string) => urn.split("::")[0];

function problemsOfMachine({ props }: Resource): string[] {
  const problems: string[] = [];
  if (typeof props.definition !== "string") return problems;
  // The reviver sees every object of the definition, states within states included.
  JSON.parse(props.definition, (name, value: unknown) => {
    const [, path] = requests.find(([resource]) => resource.test(String(at(value, "Resource")))) ?? [];
    if (path === undefined) return value;
    const request = at(value, "Arguments", ...path);
    if (at(request, "VpcConfig") === undefined) problems.push(`starts containers outside the network in ${name}.`);
    if (at(request, "EnableNetworkIsolation") !== true) problems.push(`does not isolate the container of ${name}.`);
    return value;
  });
  return problems;
}

export const privateNetwork: Rule = {
  name: "private-network",
  description:
    "Where a stack has a VPC, all code runs in it: functions, Glue jobs and SageMaker's containers, which are isolated.",
  types: [lambda, job, machine],
  wholeStack: true,
  judge(resource, all) {
    const { type, urn, props } = resource;
    if (!all.some((one) => one.type === vpc && stackOf(one.urn) === stackOf(urn))) return [];
    if (type === machine) return problemsOfMachine(resource);
    if (type === job) return isEmpty(props.connections) ? ["runs outside the network: it has no connection."] : [];
    if (Object.keys(outside).some((end) => String(props.name).endsWith(end))) return [];
    return isEmpty(at(props, "vpcConfig", "subnetIds")) ? ["runs outside the network: it has no vpcConfig."] : [];
  },
};

const isEmpty = (value: unknown) => !Array.isArray(value) || value.length === 0;
