/** What every task of every workflow has: retries of what may pass, and a limit that its job reaches first. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

interface Task {
  Type: string;
  Resource: string;
  Arguments: { JobName?: string };
  TimeoutSeconds: number;
  Retry?: { ErrorEquals: string[] }[];
}

/** Under which name an integration reports throttling that the service's API does not model. */
const generic: Readonly<Record<string, string>> = {
  "aws-sdk:sagemaker": "SageMaker.SageMakerException",
  "aws-sdk:cloudwatch": "CloudWatch.CloudWatchException",
  "aws-sdk:sfn": "Sfn.SfnException",
  "aws-sdk:applicationautoscaling": "ApplicationAutoScaling.ApplicationAutoScalingException",
  sagemaker: "SageMaker.AmazonSageMakerException",
  glue: "Glue.AWSGlueException",
  lambda: "Lambda.TooManyRequestsException",
  sns: "SNS.AmazonSNSException",
};

/** They look at the message themselves, because a permanent error of this name is expected. */
const ownAnswer = ["FindEndpoint", "CreateEndpoint", "UpdateEndpoint"];

describe("the tasks of all workflows", () => {
  let stack: Recording;
  let tasks: [string, Task][];

  beforeAll(async () => {
    stack = await runStack(makeConfig([makeSpec()]));
    tasks = stack
      .all("aws:sfn/stateMachine:StateMachine")
      .flatMap((machine) =>
        Object.entries(Recording.document<{ States: Record<string, Task> }>(machine, "definition").States),
      )
      .filter(([, { Type }]) => Type === "Task");
    expect(tasks.length).toBeGreaterThan(30);
  });

  it("are retried when the service throttles them", () => {
    for (const [name, { Resource, Retry = [] }] of tasks) {
      const service = /^arn:aws:states:::((?:aws-sdk:)?\w+)/.exec(Resource)?.[1] ?? Resource;
      if (ownAnswer.includes(name)) continue;
      expect({ name, errors: Retry.flatMap(({ ErrorEquals }) => ErrorEquals) }).toEqual({
        name,
        errors: expect.arrayContaining([generic[service] ?? `the generic error of ${service}`]),
      });
    }
  });

  it("wait longer for a Glue job than Glue lets it run, so that Glue says what took too long", () => {
    const jobs = tasks.filter(([, { Resource }]) => Resource.includes("glue:startJobRun"));
    expect(jobs).toHaveLength(6);
    for (const [, { Arguments, TimeoutSeconds }] of jobs) {
      const { inputs } = stack.one("aws:glue/job:Job", { name: Arguments.JobName });
      expect(TimeoutSeconds).toBeGreaterThan(Number(inputs.timeout) * 60);
    }
  });
});
