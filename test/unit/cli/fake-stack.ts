/** A deployed stack behind mocked AWS clients: state machines, their executions, the registry, and the lake's reports. */
import {
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { FakeBucket } from "../lambdas/fake-bucket";

export const account = "123456789012";

export interface FakeExecution {
  status: "RUNNING" | "SUCCEEDED" | "FAILED";
  input?: unknown;
  output?: unknown;
  error?: string;
  cause?: string;
  startedAt?: Date;
  /** The states that it has entered, the first one first. */
  states?: string[];
}

const nameOf = (arn: string) => arn.split(":").at(-1) ?? "";
const failure = (name: string, message: string) => Object.assign(new Error(message), { name, $metadata: {} });

export class FakeStack {
  readonly lake = new FakeBucket();
  readonly stepFunctions = mockClient(SFNClient);
  readonly sagemaker = mockClient(SageMakerClient);
  readonly sts = mockClient(STSClient);
  /** By ARN, in the order of their start. */
  readonly executions = new Map<string, FakeExecution>();

  /** Begins anew with these pipelines; call it before each test. */
  reset(pipelines: readonly string[]): void {
    this.executions.clear();
    this.lake.reset();
    for (const mock of [this.stepFunctions, this.sagemaker, this.sts]) mock.reset();
    process.env.AWS_REGION = "us-east-1";
    this.sts.on(GetCallerIdentityCommand).resolves({ Account: account });
    const machines = pipelines.flatMap((name) =>
      ["run", "serve", "monitor"].map((workflow) => `daybreak-dev-${name}-${workflow}`),
    );
    this.stepFunctions.on(ListStateMachinesCommand).resolves({
      stateMachines: [...machines, "other-team-run"].map((name) => ({
        ...{ name, stateMachineArn: this.machineArn(name), type: "STANDARD", creationDate: new Date(0) },
      })) as never,
    });
    this.#answerExecutions(machines);
    this.sagemaker.on(DescribeEndpointCommand).rejects(failure("ValidationException", "Could not find endpoint"));
    this.sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [] });
    this.sagemaker.on(DescribeModelPackageCommand).callsFake(({ ModelPackageName }) => ({
      ModelPackageVersion: Number(nameOf(ModelPackageName).split("/").at(-1)),
      ModelApprovalStatus: "PendingManualApproval",
    }));
  }

  machineArn(name: string): string {
    return `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
  }

  arn(machine: string, name: string): string {
    return `arn:aws:states:us-east-1:${account}:execution:${machine}:${name}`;
  }

  /** Adds an execution of a pipeline's workflow. */
  add(pipeline: string, workflow: string, name: string, execution: FakeExecution): void {
    this.executions.set(this.arn(`daybreak-dev-${pipeline}-${workflow}`, name), execution);
  }

  /** Puts a file into the folder of a run's reports. */
  report(pipeline: string, runId: string, file: string, value: unknown): void {
    this.lake.put(`s3://daybreak-dev-lake-${account}/reports/${pipeline}/runs/${runId}/${file}`, value);
  }

  #answerExecutions(machines: readonly string[]): void {
    this.stepFunctions.on(ListExecutionsCommand).callsFake(({ stateMachineArn, maxResults }) => {
      const prefix = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:`;
      const arns = [...this.executions.keys()].filter((arn) => arn.startsWith(prefix)).reverse();
      return {
        executions: arns.slice(0, maxResults).map((executionArn) => ({ executionArn, name: nameOf(executionArn) })),
      };
    });
    this.stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const found = this.executions.get(executionArn);
      if (found === undefined) throw failure("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
      const { status, input, output, error, cause, startedAt = new Date("2026-03-01T05:00:00Z") } = found;
      return {
        ...{ executionArn, name: nameOf(executionArn), status, error, cause, startDate: startedAt },
        ...(status === "RUNNING" ? {} : { stopDate: new Date(startedAt.getTime() + 38_000) }),
        input: JSON.stringify(input ?? {}),
        ...(output === undefined ? {} : { output: JSON.stringify(output) }),
      };
    });
    this.stepFunctions.on(GetExecutionHistoryCommand).callsFake(({ executionArn, reverseOrder }) => {
      const states = this.executions.get(executionArn)?.states ?? [];
      const events = states.map((name, id) => ({
        ...{ id: id + 1, type: "TaskStateEntered", timestamp: new Date(id * 1000) },
        stateEnteredEventDetails: { name },
      }));
      return { events: reverseOrder ? events.reverse() : events };
    });
    this.stepFunctions.on(StartExecutionCommand).callsFake(({ stateMachineArn, name }) => {
      const machine = nameOf(stateMachineArn);
      if (!machines.includes(machine)) throw failure("StateMachineDoesNotExist", "State Machine Does Not Exist");
      const executionArn = this.arn(machine, name);
      return { executionArn };
    });
  }
}

const step = (name: string, runId: string) => ({
  ...{ step: name, run_id: runId, seconds: 3 },
  started_at: "2026-03-01T05:00:01Z",
  finished_at: "2026-03-01T05:00:04Z",
});

export const transformReport = (runId: string, changes: object = {}) => ({
  ...step("transform", runId),
  ...{ raw_files: 2, lines_read: 1000, staged_rows: 980, duplicates_removed: 5, reread_rows: 0 },
  quarantined: { late: 10, not_json: 5 },
  staged_snapshot_id: "42",
  published_as_of: "2026-02-28",
  ...{ events_snapshot_id: "41", processed_files_snapshot_id: "40" },
  ...changes,
});

export const qualityReport = (runId: string, changes: object = {}) => ({
  ...step("quality", runId),
  ...{ rows_in: 980, rows_published: 970, quarantined: { "range:amount": 10 }, rules: [], released: null },
  ...{ published: true, events_snapshot_id: "43" },
  ...changes,
});

export const featuresReport = (runId: string) => ({
  ...step("features", runId),
  ...{ cutoffs_computed: 1, rows_computed: 300, rows_appended: 300, rows_deleted: 0, rows_unchanged: 0 },
  ...{ online_rows: 300, feature_snapshot_id: "44", columns: {} },
});
