/** approve, reject and models, against mocked AWS clients. */
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { makeProgram, report } from "../../../cli/main";

const sagemaker = mockClient(SageMakerClient);
const stepFunctions = mockClient(SFNClient);
const sts = mockClient(STSClient);

const packageArn = (version: number) =>
  `arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-dev-cdnow/${version}`;
const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:daybreak-dev-cdnow-serve";
const executionArn = (name: string) => `${machine.replace("stateMachine", "execution")}:${name}`;

let printed: string;
/** The part of it that programs read. */
let stdout: string;

/** A model registry with versions of the given approval status, one of them serving. */
function registry(approvals: Record<number, string>, serving: number): void {
  const versions = Object.keys(approvals).map(Number);
  sagemaker.on(ListModelPackagesCommand).resolves({
    ModelPackageSummaryList: versions.map((version) => ({ ModelPackageArn: packageArn(version) })) as never,
  });
  sagemaker.on(DescribeModelPackageCommand).callsFake(({ ModelPackageName }: { ModelPackageName: string }) => {
    const version = Number(ModelPackageName.split("/").pop());
    return {
      ModelPackageVersion: version,
      ModelApprovalStatus: approvals[version],
      CreationTime: new Date("2026-01-01T00:00:00Z"),
      InferenceSpecification: { Containers: [{ ModelDataUrl: "s3://lake/model.tar.gz" }] },
    };
  });
  sagemaker
    .on(DescribeEndpointCommand)
    .resolves({ EndpointStatus: "InService", EndpointConfigName: "config" } as never);
  sagemaker.on(DescribeEndpointConfigCommand).resolves({ ProductionVariants: [{ ModelName: "model" }] } as never);
  sagemaker.on(DescribeModelCommand).resolves({ PrimaryContainer: { ModelPackageName: packageArn(serving) } } as never);
  sagemaker.on(UpdateModelPackageCommand).resolves({});
}

/** The executions of the serve state machine before and after the command. */
function executions(before: readonly string[], after: readonly string[]): void {
  const listed = (names: readonly string[]) => ({
    executions: names.map((name) => ({ name, executionArn: executionArn(name) })) as never,
  });
  stepFunctions.on(ListExecutionsCommand).resolvesOnce(listed(before)).resolves(listed(after));
  stepFunctions.on(GetExecutionHistoryCommand).resolves({ events: [] });
  stepFunctions
    .on(StartExecutionCommand)
    .callsFake(({ name }: { name: string }) => ({ executionArn: executionArn(name) }));
}

function ending(status: string, facts: object): void {
  stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn: arn }: { executionArn: string }) => ({
    name: arn.split(":").pop(),
    status,
    startDate: new Date(0),
    stopDate: new Date(7000),
    ...facts,
  }));
}

const output = (outcome: string) => ({
  output: JSON.stringify({
    outcome,
    version: 2,
    modelPackageArn: packageArn(2),
    endpointName: "daybreak-dev-cdnow",
    endpointConfigName: "daybreak-dev-cdnow-v2-1",
  }),
});

async function daybreak(...args: string[]): Promise<{ code: number; said: string }> {
  printed = "";
  stdout = "";
  try {
    await makeProgram().parseAsync(["node", "daybreak", ...args, "--aws"]);
    return { code: 0, said: printed };
  } catch (error) {
    return { code: report(error), said: printed };
  }
}

beforeEach(() => {
  for (const mock of [sagemaker, stepFunctions, sts]) mock.reset();
  process.env.AWS_REGION = "us-east-1";
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, "write").mockImplementation((text) => {
      printed += String(text);
      if (stream === process.stdout) stdout += String(text);
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe("approve", () => {
  it("follows the deployment that the approval started, not an earlier one of the same version", async () => {
    registry({ 1: "Approved", 2: "Rejected" }, 1);
    executions(["v2-earlier"], ["v2-earlier", "v2-now"]);
    ending("SUCCEEDED", output("deployed"));
    const { code, said } = await daybreak("approve", "cdnow", "2", "--reason", "better");
    expect(said).toContain("v2 of cdnow is Approved and serves (7 s).");
    expect(code).toBe(0);
    const [followed] = stepFunctions.commandCalls(DescribeExecutionCommand);
    expect(followed?.args[0].input.executionArn).toBe(executionArn("v2-now"));
  });

  it("reports the cause of a failed deployment", async () => {
    registry({ 2: "PendingManualApproval" }, 1);
    executions([], ["v2-now"]);
    ending("FAILED", { error: "DeploymentRolledBack", cause: "Version 2 was rolled back" });
    const { code, said } = await daybreak("approve", "cdnow", "2", "--reason", "better");
    expect(said).toContain("The deployment of v2 ended as FAILED: Version 2 was rolled back");
    expect(code).toBe(1);
  });

  it("says when a later deployment has replaced the version", async () => {
    registry({ 2: "PendingManualApproval" }, 1);
    executions([], ["v2-now"]);
    ending("SUCCEEDED", output("superseded"));
    const { said } = await daybreak("approve", "cdnow", "2", "--reason", "better");
    expect(said).toContain("v2 of cdnow is Approved and was deployed, and a later deployment has replaced it (7 s)");
  });

  it("suggests a deployment when the version is already approved", async () => {
    registry({ 2: "Approved" }, 1);
    executions([], []);
    const { code, said } = await daybreak("approve", "cdnow", "2", "--reason", "again");
    expect(said).toContain('npx daybreak deploy cdnow 2 --reason "<why>"');
    expect(code).toBe(1);
    expect(sagemaker.commandCalls(UpdateModelPackageCommand)).toHaveLength(0);
  });
});

describe("deploy", () => {
  const started = () => stepFunctions.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input);

  it("starts the deployment of a version and follows it, and asks nothing but Step Functions", async () => {
    executions([], []);
    ending("SUCCEEDED", output("deployed"));
    const { code, said } = await daybreak("deploy", "cdnow", "v2", "--reason", "after the outage");
    expect(said).toContain("v2 of cdnow serves (7 s).");
    expect(code).toBe(0);
    expect(started()).toMatchObject([
      {
        name: expect.stringMatching(/^v2-again-\d+$/),
        stateMachineArn: machine,
        input: JSON.stringify({ modelPackageArn: packageArn(2), reason: "after the outage" }),
      },
    ]);
    expect(stepFunctions.commandCalls(ListExecutionsCommand)).toHaveLength(0);
    expect(sagemaker.calls()).toHaveLength(0);
  });

  it("follows the deployment that the same approval has started before", async () => {
    executions([], []);
    stepFunctions
      .on(StartExecutionCommand)
      .rejects(Object.assign(new Error("exists"), { name: "ExecutionAlreadyExists" }));
    ending("SUCCEEDED", output("deployed"));
    const { code, said } = await daybreak("deploy", "cdnow", "2", "--approved-at", "2026-01-31T05:00:00Z");
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining("v2 of cdnow serves (7 s).") });
    const name = "v2-2026-01-31t05-00-00-000z";
    expect(started()).toMatchObject([{ name }]);
    const [followed] = stepFunctions.commandCalls(DescribeExecutionCommand);
    expect(followed?.args[0].input.executionArn).toBe(executionArn(name));
  });

  it.each([
    [["two"], "two is not a version"],
    [["2", "--approved-at", "yesterday"], "Expected a time such as"],
  ])("refuses %j", async (args, message) => {
    const { code, said } = await daybreak("deploy", "cdnow", ...args);
    expect(said).toContain(message);
    expect(code).toBe(2);
    expect(started()).toEqual([]);
  });

  it("fails if the deployment does, with its cause", async () => {
    executions([], []);
    ending("FAILED", { error: "NotApproved", cause: "Version 2 is Rejected; only approved versions can be deployed." });
    const { code, said } = await daybreak("deploy", "cdnow", "2");
    expect(said).toContain("The deployment of v2 ended as FAILED: Version 2 is Rejected");
    expect(code).toBe(1);
  });
});

describe("reject", () => {
  it.each([
    [
      "go back to an approved version",
      { 1: "Approved", 2: "Approved", 3: "PendingManualApproval" },
      'Go back to v1: npx daybreak deploy cdnow 1 --reason "<why>" --aws\n',
    ],
    [
      "approve one that awaits it",
      { 1: "Rejected", 2: "Approved", 3: "PendingManualApproval" },
      'Replace it with v3: npx daybreak approve cdnow 3 --reason "<why>" --aws\n',
    ],
    [
      "train another",
      { 1: "Rejected", 2: "Approved" },
      "Train another to replace it: npx daybreak run cdnow --mode train --aws\n",
    ],
  ])("warns that the rejected version still serves, and says how to %s", async (_, approvals, command) => {
    registry(approvals, 2);
    executions([], []);
    const { code, said } = await daybreak("reject", "cdnow", "2", "--reason", "wrong labels");
    expect(code).toBe(0);
    expect(said).toContain("v2 of cdnow is Rejected, and still serves: a rejection does not change the endpoint.\n");
    expect(said).toContain(command);
  });

  it("gives the same facts as JSON", async () => {
    registry({ 1: "Approved", 2: "Approved" }, 1);
    executions([], []);
    await daybreak("reject", "cdnow", "2", "--reason", "wrong labels", "--json");
    expect(JSON.parse(stdout)).toEqual({ pipeline: "cdnow", version: 2, status: "Rejected", serving: false });
  });
});

describe("models", () => {
  it("shows that a version is both rejected and serving", async () => {
    registry({ 1: "PendingManualApproval", 2: "Rejected" }, 2);
    const { said } = await daybreak("models", "cdnow");
    expect(said).toMatch(/v2 +Rejected, serving/);
    expect(said).toMatch(/v1 +Staging/);
  });
});
