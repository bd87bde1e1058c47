import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { alertMessage } from "../../contracts/alert-message";
import { runOutput } from "../../contracts/run-execution";
import { runWorkflow as workflowOf } from "../../infra/pipeline/run-workflow";
import { dataErrors } from "../../infra/workflows/glue-step";
import { permissions } from "../../infra/workflows/permissions";
import { cluster, takesVolumeKey } from "../../infra/workflows/sagemaker-jobs";
import type { Workflow } from "../../infra/workflows/states";
import known from "../../spec/instance-types.json";
import { alone, type Call, runWorkflow as interpret, ServiceError } from "./support/run-workflow";
import { makeSpec } from "./support/spec";

const job = (name: string) => ({
  name: `daybreak-dev-shop-${name}`,
  arn: `arn:aws:glue:us-east-1:1:job/daybreak-dev-shop-${name}`,
  timeoutMinutes: 60,
});
const sagemaker = "arn:aws:sagemaker:us-east-1:1";

function make(changes: Record<string, unknown> = {}) {
  return workflowOf({
    spec: makeSpec("shop", changes),
    audience: { environment: "dev", pipeline: "shop", topic: { arn: "topic-arn", keyArn: "messages-key" } },
    planArn: "plan-arn",
    transform: { job: job("transform") },
    quality: { job: job("quality") },
    features: { job: job("features") },
    score: {
      tableJob: job("score"),
      scoring: {
        roleArn: "scoring-role",
        keyArn: "data-key",
        imageUri: "image",
        modelSourceUri: "s3://code/model/abc/source",
      },
      ...{ region: "us-east-1", accountId: "1", jobArns: `${sagemaker}:processing-job/p-*` },
    },
    train: {
      datasetJob: job("train-dataset"),
      decideArn: "decide-arn",
      jobs: {
        trainingRoleArn: "training-role",
        evaluationRoleArn: "evaluation-role",
        keyArn: "data-key",
        imageUri: "image",
        modelSourceUri: "s3://code/model/abc/source",
      },
      region: "us-east-1",
      accountId: "1",
      jobArns: { training: `${sagemaker}:training-job/p-*`, processing: `${sagemaker}:processing-job/p-*` },
    },
    registry: { registerArn: "register-arn", retireArn: "retire-arn" },
    turn: { machineArn: "run-machine-arn", pollSeconds: 30 },
  });
}

/** Runs the workflow while no other run is under way, without the states in which it finds that out. */
async function runWorkflow(workflow: Workflow, input: unknown, answer: (call: Call) => unknown) {
  const outcome = await interpret(workflow, input, alone(answer));
  expect(outcome.path.slice(0, 2)).toEqual(["FindTurn", "TurnCome"]);
  return { ...outcome, path: outcome.path.slice(2) };
}

const champion = {
  model_package_arn: "package-1",
  version: 1,
  model_data_url: "s3://lake/models/old/model.tar.gz",
  baseline_uri: "s3://lake/reports/shop/runs/old/evaluation/baseline.json",
  evaluated_model_data_url: "s3://lake/models/old/evaluated/model.tar.gz",
};

function plan(mode: string, withChampion: boolean) {
  return {
    run_id: "run-1",
    mode,
    as_of: "2026-01-01",
    spec_uri: "s3://code/pipelines/shop/abc.json",
    report_uri: "s3://lake/reports/shop/runs/run-1",
    dataset_uri: "s3://lake/datasets/shop/run-1",
    model_uri: "s3://lake/models/shop/run-1",
    hyperparameters: { max_depth: "3" },
    training_job_name: "p-run-1",
    refit_job_name: "p-refit-run-1",
    processing_job_name: "p-run-1",
    score_job_name: "p-run-1-score",
    scoring_set_uri: "s3://lake/scores/shop/sets/run-1",
    score_report_uri: "s3://lake/reports/shop/scores/run-1",
    champion: withChampion ? champion : null,
  };
}

const verdict = [{ rule: "minimum auc", expected: 0.6, actual: 0.7, passed: true }];
const evidence = ["The threshold is 0.400, as pipeline.yaml sets it."];
const registered = { outcome: "registered", version: 2, modelPackageArn: "package-2", verdict, evidence, warnings: [] };
const passed = { verdict, warnings: [] };
const refused = {
  outcome: "refused",
  verdict: [{ rule: "minimum auc", expected: 0.6, actual: 0.5, passed: false }],
  warnings: ["Feature a nearly equals the label."],
  alert: true,
};

/** Services that all succeed. */
function services(run: object, registration: object) {
  return ({ state }: Call): unknown => {
    if (state === "Plan") return { Payload: { run } };
    if (state === "TrainDecision") return { Payload: { outcome: "train" } };
    if (state === "TrainModel" || state === "TrainRefit") {
      const name = state === "TrainModel" ? "new" : "refit";
      return {
        TrainingJobArn: state === "TrainModel" ? "training-arn" : "refit-arn",
        ModelArtifacts: { S3ModelArtifacts: `s3://lake/models/${name}/model.tar.gz` },
      };
    }
    if (state === "Gate") return { Payload: "alert" in registration ? registration : { ...passed, outcome: "passed" } };
    return state === "Registry" ? { Payload: registration } : {};
  };
}

const input = { mode: "train", trigger: { type: "person", actor: "me" } };
const argumentsOf = (calls: readonly Call[], state: string) => calls.find((call) => call.state === state)?.arguments;
const messageOf = (calls: readonly Call[], state: string) =>
  alertMessage.parse(JSON.parse(String(argumentsOf(calls, state)?.Message)));

describe("the run workflow", () => {
  it("ends after the features stage in mode features", async () => {
    const { path, output, calls } = await runWorkflow(
      make(),
      { mode: "features" },
      services(plan("features", false), {}),
    );
    expect(path).toEqual([
      "Plan",
      "Transform",
      "Quality",
      "Features",
      "ScoringWanted",
      "TrainingWanted",
      "FeaturesFinished",
    ]);
    expect(runOutput.parse(output)).toEqual({
      runId: "run-1",
      mode: "features",
      asOf: "2026-01-01",
      outcome: "features",
    });
    expect(argumentsOf(calls, "Plan")).toEqual({
      FunctionName: "plan-arn",
      Payload: {
        execution: {
          arn: "arn:aws:states:us-east-1:1:execution:m:e",
          name: "e",
          started_at: "2026-01-02T03:04:05.678Z",
        },
        input: { mode: "features" },
      },
    });
    expect(argumentsOf(calls, "Transform")).toEqual({
      JobName: "daybreak-dev-shop-transform",
      Arguments: {
        "--run": "s3://lake/reports/shop/runs/run-1/plan.json",
        "--spec": "s3://code/pipelines/shop/abc.json",
      },
    });
  });

  it.each([
    ["features", ["FeaturesFinished"]],
    ["train", ["TrainDataset", "TrainDecision", "TrainDecided", "TrainModel", "TrainEvaluation", "Gate"]],
  ])("scores the day's rows with the serving version in mode %s", async (mode, after) => {
    const { path, calls } = await runWorkflow(make(), { mode }, services(plan(mode, true), registered));
    const from = path.indexOf("ScoringWanted");
    expect(path.slice(from, from + 4 + after.length)).toEqual([
      ...["ScoringWanted", "ScoreCustomers", "ScoreTable", "TrainingWanted"],
      ...after,
    ]);
    const request = argumentsOf(calls, "ScoreCustomers") as {
      ProcessingInputs: { InputName: string; S3Input: { S3Uri: string; LocalPath: string } }[];
    };
    expect(request).toMatchObject({
      ProcessingJobName: "p-run-1-score",
      RoleArn: "scoring-role",
      AppSpecification: {
        ImageUri: "image",
        ContainerEntrypoint: ["python3", "/opt/ml/processing/input/code/score.py"],
      },
      Environment: {
        DAYBREAK_RUN_ID: "run-1",
        DAYBREAK_AS_OF: "2026-01-01",
        DAYBREAK_MODEL_VERSION: "1",
        DAYBREAK_THRESHOLD: "0.5",
        DAYBREAK_DRIFT_ALPHA: "0.005",
        DAYBREAK_DRIFT_EFFECT: "0.1",
      },
      ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: "s3://lake/reports/shop/scores/run-1/" } }] },
      NetworkConfig: { EnableNetworkIsolation: true },
    });
    expect(request.ProcessingInputs.map(({ InputName, S3Input }) => [InputName, S3Input.S3Uri])).toEqual([
      ["rows", "s3://lake/scores/shop/sets/run-1/rows/"],
      ["model", champion.model_data_url],
      ["evaluated", champion.evaluated_model_data_url],
      ["baseline", champion.baseline_uri],
      ["code", "s3://code/model/abc/source/"],
    ]);
    expect(argumentsOf(calls, "ScoreTable")).toMatchObject({ JobName: "daybreak-dev-shop-score" });
  });

  it("invokes a Lambda again whose process has ended, but not one that failed", () => {
    const { Plan, TrainDecision, Gate, Registry } = make().states;
    for (const state of [Plan, TrainDecision, Gate, Registry]) {
      const errors = state?.type === "task" ? state.retry.flatMap((retry) => retry.errors) : [];
      expect(errors).toEqual(expect.arrayContaining(["Runtime.ExitError", "Sandbox.Timedout", "Lambda.Unknown"]));
      expect(errors).not.toContain("States.TaskFailed");
      expect(errors).not.toContain("States.ALL");
    }
  });

  it("registers a model that passes the gate and publishes an alert", async () => {
    const { path, output, calls } = await runWorkflow(make(), input, services(plan("train", false), registered));
    expect(path.slice(4)).toEqual([
      "ScoringWanted",
      "TrainingWanted",
      "TrainDataset",
      "TrainDecision",
      "TrainDecided",
      "TrainModel",
      "TrainEvaluation",
      "Gate",
      "GateOutcome",
      "TrainRefit",
      "Registry",
      "AlertRegistered",
      "Retire",
      "RunFinished",
    ]);
    expect(runOutput.parse(output)).toEqual({
      runId: "run-1",
      mode: "train",
      asOf: "2026-01-01",
      outcome: "registered",
      version: 2,
      modelPackageArn: "package-2",
      verdict,
      evidence,
      warnings: [],
    });
    expect(argumentsOf(calls, "Registry")).toMatchObject({
      Payload: {
        run: { run_id: "run-1" },
        training: { job_name: "p-run-1", job_arn: "training-arn", model_data_url: "s3://lake/models/new/model.tar.gz" },
        refit: {
          job_name: "p-refit-run-1",
          job_arn: "refit-arn",
          model_data_url: "s3://lake/models/refit/model.tar.gz",
        },
      },
    });
    expect(messageOf(calls, "AlertRegistered")).toEqual({
      kind: "model-registered",
      environment: "dev",
      pipeline: "shop",
      runId: "run-1",
      asOf: "2026-01-01",
      version: 2,
      modelPackageArn: "package-2",
      approval: "manual",
      verdict,
      evidence,
      warnings: [],
      executionArn: "arn:aws:states:us-east-1:1:execution:m:e",
    });
  });

  it("succeeds and publishes an alert if the gate refuses the model", async () => {
    const { path, output, calls } = await runWorkflow(make(), input, services(plan("train", true), refused));
    // No refit: nothing is made of a model that is refused.
    expect(path.slice(-5)).toEqual(["Gate", "GateOutcome", "AlertRefused", "Retire", "RunFinished"]);
    const { alert: _, ...told } = refused;
    expect(runOutput.parse(output)).toEqual({ runId: "run-1", mode: "train", asOf: "2026-01-01", ...told });
    expect(messageOf(calls, "AlertRefused")).toMatchObject({
      kind: "model-refused",
      verdict: refused.verdict,
      warnings: refused.warnings,
    });
  });

  it("publishes no alert about a refusal that an alert has already told of", async () => {
    const quiet = { ...refused, alert: false };
    const { path, output } = await runWorkflow(make(), input, services(plan("train", true), quiet));
    expect(path.slice(-3)).toEqual(["GateOutcome", "Retire", "RunFinished"]);
    expect(runOutput.parse(output)).toMatchObject({ outcome: "refused", verdict: refused.verdict });
  });

  it.each([
    { outcome: "unchanged", reason: "The training set is that of the run run-0." },
    { outcome: "not_enough_history", reason: "2 as-of days have rows.", enoughFrom: "2026-02-01", alert: true },
  ])("ends without training, and says why, if the training set is $outcome", async (decision) => {
    const succeed = services(plan("train", false), registered);
    const { path, output, calls } = await runWorkflow(make(), input, (call) =>
      call.state === "TrainDecision" ? { Payload: decision } : succeed(call),
    );
    expect(path.slice(-4)).toEqual(["TrainDecision", "TrainDecided", "AlertTrainingSkipped", "TrainingSkipped"]);
    expect(argumentsOf(calls, "TrainDecision")).toMatchObject({ Payload: { run: { run_id: "run-1" } } });
    const { alert: _, ...told } = { alert: true, ...decision };
    expect(runOutput.parse(output)).toEqual({ runId: "run-1", mode: "train", asOf: "2026-01-01", ...told });
    const { outcome, reason } = decision;
    expect(messageOf(calls, "AlertTrainingSkipped")).toMatchObject({ kind: "training-skipped", outcome, reason });
  });

  it("publishes no alert about too little history that an alert has already told of", async () => {
    const decision = { outcome: "not_enough_history", reason: "2 days.", enoughFrom: "2026-02-01", alert: false };
    const succeed = services(plan("train", false), registered);
    const { path, output } = await runWorkflow(make(), input, (call) =>
      call.state === "TrainDecision" ? { Payload: decision } : succeed(call),
    );
    expect(path.slice(-3)).toEqual(["TrainDecision", "TrainDecided", "TrainingSkipped"]);
    expect(runOutput.parse(output)).toMatchObject({ outcome: "not_enough_history", enoughFrom: "2026-02-01" });
  });

  it("trains as planned, with encrypted volume and output", async () => {
    const { calls } = await runWorkflow(make(), input, services(plan("train", false), registered));
    const channel = (name: string, uri: string, type: string) => ({
      ChannelName: name,
      ContentType: type,
      InputMode: "File",
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" } },
    });
    expect(argumentsOf(calls, "TrainModel")).toEqual({
      TrainingJobName: "p-run-1",
      RoleArn: "training-role",
      AlgorithmSpecification: {
        TrainingImage: "image",
        TrainingInputMode: "File",
        ContainerEntrypoint: ["python3", "/opt/ml/input/data/code/train.py"],
      },
      HyperParameters: { max_depth: "3" },
      InputDataConfig: [
        channel("train", "s3://lake/datasets/shop/run-1/train/", "application/x-parquet"),
        channel("validation", "s3://lake/datasets/shop/run-1/validation/", "application/x-parquet"),
        channel("dataset", "s3://lake/datasets/shop/run-1/dataset.json", "application/json"),
        channel("code", "s3://code/model/abc/source/", "text/x-python"),
      ],
      OutputDataConfig: { S3OutputPath: "s3://lake/models/shop/run-1", KmsKeyId: "data-key" },
      ResourceConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 30, VolumeKmsKeyId: "data-key" },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      EnableNetworkIsolation: true,
      Tags: [
        { Key: "daybreak:pipeline", Value: "shop" },
        { Key: "daybreak:run", Value: "run-1" },
      ],
    });
  });

  it("trains on spot instances where the pipeline allows it, and waits for them as long as it may run", async () => {
    const spot = make({ training: { spot: true } });
    const { calls } = await runWorkflow(spot, input, services(plan("train", false), registered));
    for (const state of ["TrainModel", "TrainRefit"]) {
      expect(argumentsOf(calls, state)).toMatchObject({
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      });
    }
  });

  it("fits the model that passed on every part of the training set, with what its training chose", async () => {
    const { calls } = await runWorkflow(make(), input, services(plan("train", false), registered));
    const request = argumentsOf(calls, "TrainRefit") as {
      AlgorithmSpecification: { ContainerEntrypoint: string[] };
      InputDataConfig: { ChannelName: string; DataSource: { S3DataSource: { S3Uri: string } } }[];
    };
    expect(request).toMatchObject({ TrainingJobName: "p-refit-run-1", RoleArn: "training-role" });
    expect(request.AlgorithmSpecification.ContainerEntrypoint.at(-1)).toBe("/opt/ml/input/data/code/refit.py");
    const channels = request.InputDataConfig.map(({ ChannelName, DataSource }) => [
      ChannelName,
      DataSource.S3DataSource.S3Uri,
    ]);
    const folder = "s3://lake/datasets/shop/run-1";
    expect(Object.fromEntries(channels)).toEqual({
      train: `${folder}/train/`,
      validation: `${folder}/validation/`,
      purged: `${folder}/purged/`,
      test: `${folder}/test/`,
      dataset: `${folder}/dataset.json`,
      model: "s3://lake/models/new/model.tar.gz",
      code: "s3://code/model/abc/source/",
    });
  });

  it.each([
    ["without a champion", {}],
    ["against the serving champion", { champion }],
    ["against the serving champion and the best version so far", { champion, floor: { ...champion, version: 2 } }],
  ])("evaluates %s", async (_what, versions) => {
    const planned = { ...plan("train", false), ...versions };
    const { calls } = await runWorkflow(make(), input, services(planned, registered));
    const request = argumentsOf(calls, "TrainEvaluation") as {
      ProcessingInputs: { InputName: string; S3Input: { S3Uri: string; LocalPath: string } }[];
      NetworkConfig: unknown;
    };
    // SageMaker's limit.
    expect(request.ProcessingInputs.length).toBeLessThanOrEqual(10);
    for (const { InputName, S3Input } of request.ProcessingInputs) {
      expect(S3Input.LocalPath).toBe(`/opt/ml/processing/input/${InputName}`);
    }
    expect(
      Object.fromEntries(request.ProcessingInputs.map(({ InputName, S3Input }) => [InputName, S3Input.S3Uri])),
    ).toEqual({
      challenger: "s3://lake/models/new/model.tar.gz",
      dataset: `${planned.dataset_uri}/`,
      plan: `${planned.report_uri}/plan.json`,
      spec: planned.spec_uri,
      code: expect.stringMatching(/^s3:.*\/$/),
      ...Object.fromEntries(Object.keys(versions).map((name) => [name, champion.evaluated_model_data_url])),
    });
    expect(request).not.toHaveProperty("Environment");
    expect(request.NetworkConfig).toEqual({ EnableNetworkIsolation: true });
  });

  const steps = [
    "Plan",
    "Transform",
    "Quality",
    "Features",
    "ScoreCustomers",
    "ScoreTable",
    "TrainDataset",
    "TrainDecision",
    "TrainModel",
    "TrainEvaluation",
    "Gate",
    "TrainRefit",
    "Registry",
    "AlertRegistered",
  ];
  it.each(steps)("publishes an alert and fails with the cause if %s fails", async (step) => {
    const succeed = services(plan("train", true), registered);
    const { path, failure, calls } = await runWorkflow(make(), input, (call) => {
      if (call.state === step) throw new ServiceError("States.TaskFailed", `${step} says "no"`);
      return succeed(call);
    });
    expect(path.filter((state) => state !== "Repeat").slice(-3)).toEqual([step, "AlertFailure", "Failed"]);
    expect(failure).toEqual({ error: "States.TaskFailed", cause: `${step} says "no"` });
    expect(messageOf(calls, "AlertFailure")).toEqual({
      kind: "workflow-failed",
      environment: "dev",
      pipeline: "shop",
      workflow: "run",
      step,
      error: "States.TaskFailed",
      cause: `${step} says "no"`,
      ...(step === "Plan" ? {} : { runId: "run-1" }),
      executionArn: "arn:aws:states:us-east-1:1:execution:m:e",
    });
  });

  /** The cause with which Step Functions reports a job run that did not succeed. */
  const jobRun = (ErrorMessage: string, JobRunState = "FAILED") =>
    JSON.stringify({ Attempt: 0, ErrorMessage, Id: "jr_1", JobName: "job", JobRunState });
  const lost = jobRun("The Spark process was killed by signal 9 (SIGKILL) while it ran the job.");

  /** A training run in which each of these states fails once, with its cause. */
  const runWithFailures = (failures: { state: string; cause: string; error?: string }[]) => {
    const left = [...failures];
    const succeed = services(plan("train", true), registered);
    return runWorkflow(make(), input, (call) => {
      const index = left.findIndex(({ state }) => state === call.state);
      const [failure] = index === -1 ? [] : left.splice(index, 1);
      if (failure !== undefined) throw new ServiceError(failure.error ?? "States.TaskFailed", failure.cause);
      return succeed(call);
    });
  };

  it.each(["Transform", "Quality", "Features", "ScoreTable", "TrainDataset"])(
    "repeats %s once if its job is lost",
    async (step) => {
      const { path, failure, output } = await runWithFailures([{ state: step, cause: lost }]);
      expect(failure).toBeUndefined();
      expect(runOutput.parse(output)).toMatchObject({ outcome: "registered" });
      expect(path.join(" ")).toContain(`${step} Repeat ${step} `);
      expect(path).not.toContain("AlertFailure");
    },
  );

  it.each([["Transform"], ["Quality"]])("fails with the cause if %s is lost after Transform was", async (second) => {
    const { path, failure } = await runWithFailures([
      { state: "Transform", cause: lost },
      { state: second, cause: lost },
    ]);
    expect(path.slice(-4)).toEqual([second, "Repeat", "AlertFailure", "Failed"]);
    expect(failure).toEqual({ error: "States.TaskFailed", cause: lost });
  });

  it.each([
    ["a broken rule", { cause: jobRun("DatasetRuleBroken: nothing was published") }],
    ["SQL that does not parse", { cause: jobRun("SqlError: features.sql does not parse") }],
    ["a label of one class", { cause: jobRun("TrainingSetError: the label has one class") }],
    ["a job that takes too long", { cause: jobRun("The run exceeded its timeout of 60 minutes.", "TIMEOUT") }],
    ["a job that was stopped", { cause: jobRun("", "STOPPED") }],
    ["an error of Glue's API", { cause: lost, error: "Glue.AccessDeniedException" }],
  ])("does not repeat a step because of %s", async (_what, failure) => {
    const { path } = await runWithFailures([{ state: "Quality", ...failure }]);
    expect(path.filter((state) => state === "Quality")).toHaveLength(1);
    expect(path.at(-1)).toBe("Failed");
  });

  it("knows every error of the Glue scripts that repeating does not remedy", () => {
    const source = readFileSync(join(__dirname, "../../glue-scripts/etl/shared/errors.py"), "utf8");
    const declared = [...source.matchAll(/^class (\w+)\(JobError\)/gm)].map(([, name]) => name);
    // A storage that did not answer may answer the next time.
    expect([...dataErrors, "StorageFailed"].sort()).toEqual(declared.sort());
  });

  it("fails with the original cause even if the alert cannot be sent", async () => {
    const { failure } = await runWorkflow(make(), input, ({ state }) => {
      throw new ServiceError("Broken", `at ${state}`);
    });
    expect(failure).toEqual({ error: "Broken", cause: "at Plan" });
  });

  it("has exactly the permissions that its states need", () => {
    const granted = permissions(make()).map(({ actions, resources, conditions }) => ({
      actions: [...actions],
      resources: [...resources],
      ...(conditions === undefined ? {} : { conditions }),
    }));
    const forSageMaker = { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } };
    const jobActions = (kind: string) =>
      ["Create", "Describe", "Stop"]
        .map((verb) => `sagemaker:${verb}${kind}`)
        .concat("sagemaker:AddTags", "sagemaker:ListTags");
    const rule = (kind: string) => `arn:aws:events:us-east-1:1:rule/StepFunctionsGetEventsForSageMaker${kind}JobsRule`;
    expect(granted).toEqual([
      { actions: ["states:ListExecutions"], resources: ["run-machine-arn"] },
      { actions: ["lambda:InvokeFunction"], resources: ["plan-arn", "decide-arn", "register-arn", "retire-arn"] },
      {
        actions: ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"],
        resources: ["transform", "quality", "features", "score", "train-dataset"].map((name) => job(name).arn),
      },
      { actions: jobActions("ProcessingJob"), resources: [`${sagemaker}:processing-job/p-*`] },
      {
        actions: ["iam:PassRole"],
        resources: ["scoring-role", "training-role", "evaluation-role"],
        conditions: forSageMaker,
      },
      {
        actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        resources: [rule("Processing"), rule("Training")],
      },
      {
        actions: ["kms:CreateGrant"],
        resources: ["data-key"],
        conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
      },
      { actions: ["kms:DescribeKey"], resources: ["data-key"] },
      { actions: ["sns:Publish"], resources: ["topic-arn"] },
      { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: ["messages-key"] },
      { actions: jobActions("TrainingJob"), resources: [`${sagemaker}:training-job/p-*`] },
    ]);
  });
});

describe("takesVolumeKey", () => {
  const familyOf = (instanceType: string) => instanceType.split(".")[1] ?? "";

  it("is false for exactly the families of SageMaker's instance types that have local disks, by EC2's DescribeInstanceTypes", () => {
    const all = [...new Set([...known.training, ...known.endpoint].map(familyOf))];
    const refusing = all.filter((family) => !takesVolumeKey(`ml.${family}.xlarge`));
    const local = "c5d c6gd m5d m6gd r5d r6gd r7gd dl1 g4dn g5 g6 g6e g7 g7e p4d p4de p5 p5e p5en";
    expect(refusing.sort()).toEqual(`${local} p6-b200 p6-b300 p6e-gb200 trn1 trn1n trn2`.split(" ").sort());
    // A family that is in neither list is new: look it up there.
    const others = "c4 c5 c6g c6gn c6i c6in c7g c7i c8g c8i inf1 inf2 m4 m5 m6g m6i m7i m8g m8i p2 p3";
    expect(all.filter((family) => !refusing.includes(family)).sort()).toEqual(
      `${others} r5 r6g r6i r7i r8g r8i t2 t3`.split(" ").sort(),
    );
  });

  it("keeps the key out of the requests for such a type", () => {
    expect(cluster("ml.g5.xlarge", "key")).not.toHaveProperty("VolumeKmsKeyId");
    expect(cluster("ml.m5.large", "key")).toMatchObject({ VolumeKmsKeyId: "key" });
  });
});
