/** Acts as the reviewer: approves a version in the registry and follows its deployment to the endpoint. */
import { DescribeEndpointCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { readableCause } from "../../lambdas/shared/cause";
import { clients } from "../shared/clients";
import { findExecution, followExecution } from "../shared/executions";
import { CommandProblem } from "../shared/problem";
import type { Demo } from "./context";
import { actor, type PipelineRun } from "./run";

const approvalTimeoutMilliseconds = 60_000;

/** Approves a registered version and waits until the endpoint serves it. */
export async function approveAndServe(demo: Demo, run: PipelineRun): Promise<boolean> {
  const { model, modelPackageArn } = run;
  const version = model?.version;
  if (model === undefined || modelPackageArn === undefined || version == null) {
    throw new Error(`run ${run.summary.run_id} registered no model`);
  }
  const approvedAt = new Date();
  if (demo.spec.approval.mode === "manual") await approve(demo, model, modelPackageArn, version);
  return demo.progress.stage({ title: `Serve v${version}`, kind: "serve", asOf: model.as_of }, async (stage) => {
    const before = { served: demo.traffic.total.served, failed: demo.traffic.total.failed };
    stage.waitFor("the approval event to start the deployment workflow");
    const arn = await findExecution(
      demo.pipeline.serveStateMachineArn,
      (name) => name.startsWith(`v${version}-`),
      approvalTimeoutMilliseconds,
    );
    if (arn === undefined) {
      throw new CommandProblem(
        `No deployment of v${version} started within ${approvalTimeoutMilliseconds / 1000} s of its approval.`,
        "The approval event should have invoked the Lambda serve-start; see its log.",
      );
    }
    const execution = await followExecution(arn, (state) => {
      stage.waitFor(state);
    });
    const deployed = execution.status === "SUCCEEDED";
    const seconds = (Date.now() - approvedAt.getTime()) / 1000;
    const failedDuring = demo.traffic.total.failed - before.failed;
    demo.records.deployments.push({
      version,
      started_at: approvedAt.toISOString(),
      seconds,
      outcome: deployed ? "deployed" : "failed",
      requests_during: demo.traffic.total.served - before.served + failedDuring,
      failed_during: failedDuring,
      ...(deployed ? {} : { cause: readableCause(execution.cause) }),
    });
    if (!deployed) {
      stage.detail(`not deployed: ${readableCause(execution.cause)}`);
      return false;
    }
    await expectInService(demo);
    for (const earlier of demo.records.models) if (earlier.stage === "Production") earlier.stage = "Approved";
    model.stage = "Production";
    stage.detail(`the endpoint serves v${version}`);
    return true;
  });
}

async function approve(
  demo: Demo,
  model: NonNullable<PipelineRun["model"]>,
  arn: string,
  version: number,
): Promise<void> {
  await demo.progress.stage(
    { title: `Approve v${version}, as a reviewer would`, kind: "registry", asOf: model.as_of },
    async () => {
      const reason = `Reviewed by the demo: AUC ${model.evaluation?.metrics.auc?.toFixed(3) ?? "unknown"}, the gate passed`;
      await clients.sagemaker().send(
        new UpdateModelPackageCommand({
          ModelPackageArn: arn,
          ModelApprovalStatus: "Approved",
          ApprovalDescription: reason,
        }),
      );
      model.stage = "Approved";
      model.approval = { by: actor, reason, at: new Date().toISOString() };
    },
  );
}

async function expectInService(demo: Demo): Promise<void> {
  const endpoint = await clients
    .sagemaker()
    .send(new DescribeEndpointCommand({ EndpointName: demo.pipeline.endpointName }));
  if (endpoint.EndpointStatus === "InService") return;
  throw new CommandProblem(
    `The deployment succeeded, but the endpoint ${demo.pipeline.endpointName} is ${endpoint.EndpointStatus}: ${endpoint.FailureReason ?? ""}`,
  );
}
