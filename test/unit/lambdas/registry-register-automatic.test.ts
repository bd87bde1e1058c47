import {
  CreateModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { handler } from "../../../lambdas/registry-register/handler";
import { bundlePipeline } from "./bundled-pipeline";
import { dataset, environment, evaluation, packageArn, refit, runPlan, spec, training } from "./factories";
import { FakeBucket } from "./fake-bucket";
import { sagemaker } from "./fake-endpoint";

describe("a pipeline whose approval is automatic", () => {
  const bucket = new FakeBucket();
  const event = { run: runPlan(), training, refit };

  beforeEach(() => {
    Object.assign(process.env, environment);
    bundlePipeline({ ...spec, approval: { mode: "automatic" } });
    bucket.reset();
    bucket.put("s3://lake/reports/shop/runs/run-1/evaluation/evaluation.json", evaluation());
    bucket.put("s3://lake/reports/shop/runs/run-1/train-dataset.json", dataset);
    sagemaker.reset();
    sagemaker.on(CreateModelPackageCommand).resolves({ ModelPackageArn: packageArn(7) });
    sagemaker.on(UpdateModelPackageCommand).resolves({});
  });

  const listed = (status: "Approved" | "PendingManualApproval") =>
    sagemaker.on(ListModelPackagesCommand).resolves({
      ModelPackageSummaryList: [
        { ModelPackageArn: packageArn(7), ModelPackageDescription: "run run-1: x", ModelApprovalStatus: status },
      ],
    } as never);

  it("registers a model as pending, then approves it and states why", async () => {
    sagemaker.on(ListModelPackagesCommand).resolves({});
    await handler(event);
    const [create] = sagemaker.commandCalls(CreateModelPackageCommand);
    expect(create?.args[0].input.ModelApprovalStatus).toBe("PendingManualApproval");
    const [update] = sagemaker.commandCalls(UpdateModelPackageCommand);
    expect(update?.args[0].input).toEqual({
      ModelPackageArn: packageArn(7),
      ModelApprovalStatus: "Approved",
      ApprovalDescription: expect.stringContaining("approval.mode automatic"),
    });
  });

  it("approves on a retry a version that the first attempt only registered", async () => {
    listed("PendingManualApproval");
    await handler(event);
    expect(sagemaker.commandCalls(UpdateModelPackageCommand)).toHaveLength(1);
  });

  it("does not approve a version again, because that would deploy it again", async () => {
    listed("Approved");
    await handler(event);
    expect(sagemaker.commandCalls(UpdateModelPackageCommand)).toHaveLength(0);
  });

  it("approves no model that the gate refused", async () => {
    const refused = [{ rule: "auc", expected: "at least 0.6", actual: 0.5, passed: false }];
    bucket.put("s3://lake/reports/shop/runs/run-1/evaluation/evaluation.json", evaluation({ auc: 0.5 }, null, refused));
    await expect(handler(event)).resolves.toMatchObject({ outcome: "refused" });
    expect(sagemaker.calls()).toHaveLength(0);
  });
});
