import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { lambdaCode } from "../bundle";
import { sendDeadLetters, writeLogs, writeTraces } from "../iam/services";
import type { Statement } from "../iam/statements";
import { decrypt, useKey } from "../iam/storage";
import { type DatasetUse, datasetStatements, datasetVariables } from "../lake/dataset";
import * as names from "../names";
import type { DeadLetterTarget, Platform } from "../platform";
import { logGroup } from "./log-group";
import { ServiceRole } from "./service-role";

export interface NodeFunctionArgs extends DatasetUse {
  platform: Pick<Platform, "config" | "place" | "dataKeyArn">;
  /** The physical name. */
  functionName: string;
  /** The folder of `lambdas/` whose handler it runs. */
  handler: string;
  description: string;
  /** The pipeline's description, for Lambdas that work by it. */
  spec?: object;
  /** Names and addresses; never a secret. */
  environment: Record<string, pulumi.Input<string>>;
  /** What it may do, beside what its datasets, its logs, its traces and its dead letters take. */
  statements: readonly Statement[];
  /** Where an asynchronous event goes that failed twice more after its first try. */
  deadLetters: DeadLetterTarget;
  timeoutSeconds: number;
  memoryMegabytes: number;
}

/** What datasets are encrypted with: who reads one decrypts, who writes one needs a new data key as well. */
function keyUse({ reads = [], writes = [] }: DatasetUse, keyArn: pulumi.Input<string>): Statement[] {
  if (writes.length > 0) return [useKey("Data", keyArn)];
  return reads.length > 0 ? [decrypt("Data", keyArn)] : [];
}

/** A Lambda of `lambdas/`, with its own role, log group and dead letters. */
export class NodeFunction extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: NodeFunctionArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:NodeFunction", name, {}, options);
    const { platform } = args;
    const functionName = names.lambda(args.functionName);
    const logs = logGroup(`${name}-logs`, `/aws/lambda/${functionName}`, platform, { parent: this });
    const role = new ServiceRole(
      name,
      {
        roleName: functionName,
        service: "lambda.amazonaws.com",
        accountId: platform.place.accountId,
        description: args.description,
        statements: [
          ...datasetStatements(args),
          ...keyUse(args, platform.dataKeyArn),
          ...args.statements,
          writeLogs(logs.arn),
          writeTraces,
          ...sendDeadLetters(args.deadLetters.arn, args.deadLetters.keyArn),
        ],
      },
      { parent: this },
    );
    const lambda = new aws.lambda.Function(
      `${name}-function`,
      {
        name: functionName,
        description: args.description,
        role: role.arn,
        runtime: aws.lambda.Runtime.NodeJS22dX,
        architectures: ["arm64"],
        handler: "index.handler",
        code: lambdaCode(platform.config.root, args.handler, args.spec),
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMegabytes,
        environment: {
          variables: {
            DAYBREAK_ENVIRONMENT: platform.place.environment,
            POWERTOOLS_SERVICE_NAME: args.handler,
            POWERTOOLS_METRICS_NAMESPACE: names.metricsNamespace,
            POWERTOOLS_LOG_LEVEL: "INFO",
            ...datasetVariables(args),
            ...args.environment,
          },
        },
        deadLetterConfig: { targetArn: args.deadLetters.arn },
        tracingConfig: { mode: "Active" },
        loggingConfig: { logFormat: "Text", logGroup: logs.name },
      },
      { parent: this },
    );
    this.arn = lambda.arn;
    this.name = lambda.name;
    this.registerOutputs({ arn: this.arn, name: this.name });
  }
}
