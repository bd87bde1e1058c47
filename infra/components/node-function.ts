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
  /** With its network, if it runs there: one that calls the internet does not. */
  platform: Pick<Platform, "config" | "place" | "dataKeyArn" | "network">;
  functionName: string;
  /** The folder in `lambdas/` that contains its `handler.ts`. */
  handler: string;
  description: string;
  /** The pipeline spec, bundled as `pipeline.json` for Lambdas that need it. */
  spec?: object;
  /** Names, ARNs and URIs. Never secrets: anyone who can describe the function can read them. */
  environment: Record<string, pulumi.Input<string>>;
  /** Permissions beyond those for its datasets, logs, traces and dead letters. */
  statements: readonly Statement[];
  /** Receives asynchronous events that still fail after Lambda's two retries. */
  deadLetters: DeadLetterTarget;
  timeoutSeconds: number;
  memoryMegabytes: number;
}

/** Use of the data key: reading a dataset needs Decrypt, writing one also needs GenerateDataKey. */
function keyUse({ reads = [], writes = [] }: DatasetUse, keyArn: pulumi.Input<string>): Statement[] {
  if (writes.length > 0) return [useKey("Data", keyArn)];
  return reads.length > 0 ? [decrypt("Data", keyArn)] : [];
}

/** A Node.js Lambda from `lambdas/` with its own role and log group. */
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
          ...(platform.network?.functionStatements(functionName) ?? []),
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
        ...(platform.network === undefined ? {} : { vpcConfig: platform.network.functionConfig }),
        loggingConfig: { logFormat: "Text", logGroup: logs.name },
      },
      { parent: this },
    );
    this.arn = lambda.arn;
    this.name = lambda.name;
    this.registerOutputs({ arn: this.arn, name: this.name });
  }
}
