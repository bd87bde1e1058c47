import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { handler } from "../../../lambdas/serve-start/handler";
import { approvalEvent, environment, packageArn } from "./factories";

const workflows = mockClient(SFNClient);

beforeEach(() => {
  Object.assign(process.env, environment);
  workflows.reset();
  workflows.on(StartExecutionCommand).resolves({ executionArn: "arn:execution" } as never);
});

const started = () => workflows.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);

describe("an approval", () => {
  it("starts the deployment of the model package with the reviewer's reason", async () => {
    await expect(handler(approvalEvent({ LastModifiedBy: { UserProfileName: "ada" } }))).resolves.toEqual({
      executionArn: "arn:execution",
    });
    expect(started()).toEqual([
      {
        stateMachineArn: environment.SERVE_STATE_MACHINE_ARN,
        name: "v3-2026-03-10t06-59-58-5z",
        input: JSON.stringify({ modelPackageArn: packageArn(3), reason: "looks right", requestedBy: "ada" }),
      },
    ]);
  });

  it("starts the same execution for a repeated event and another for a new approval", async () => {
    await handler(approvalEvent());
    await handler({ ...approvalEvent(), id: "another", time: "2026-03-10T07:00:09Z" });
    await handler(approvalEvent({ LastModifiedTime: "2026-03-11T08:00:00Z" }));
    const [first, second, third] = started().map(({ name }) => name);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it("uses the event's time if the package's modification time is missing", async () => {
    await handler(approvalEvent({ LastModifiedTime: undefined, ApprovalDescription: undefined }));
    expect(started()[0]).toMatchObject({
      name: "v3-2026-03-10t07-00-00z",
      input: JSON.stringify({ modelPackageArn: packageArn(3) }),
    });
  });

  it("accepts that the deployment has already been started", async () => {
    workflows
      .on(StartExecutionCommand)
      .rejects(Object.assign(new Error("it exists"), { name: "ExecutionAlreadyExists" }));
    await expect(handler(approvalEvent())).resolves.toEqual({
      executionArn: `${environment.SERVE_STATE_MACHINE_ARN.replace("stateMachine", "execution")}:v3-2026-03-10t06-59-58-5z`,
    });
  });

  it("throws every other error", async () => {
    workflows.on(StartExecutionCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
    await expect(handler(approvalEvent())).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("an event that starts no deployment", () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      "a metadata change of an approved package",
      { UpdatedModelPackageFields: ["CustomerMetadataProperties"] },
      "the approval did not change, only CustomerMetadataProperties",
    ],
    [
      "the creation of a package",
      { UpdatedModelPackageFields: undefined },
      "the approval did not change, only nothing named",
    ],
    ["a rejection", { ModelApprovalStatus: "Rejected" }, "the package is Rejected, not Approved"],
    ["a package without a status", { ModelApprovalStatus: undefined }, "without an approval status"],
    [
      "another pipeline's package",
      { ModelPackageGroupName: "daybreak-dev-other" },
      "the package is of group daybreak-dev-other",
    ],
  ])("%s", async (_what, detail, reason) => {
    await expect(handler(approvalEvent(detail))).resolves.toEqual({ ignored: expect.stringContaining(reason) });
    expect(started()).toEqual([]);
  });

  it("is rejected with the missing fields if it has another format", async () => {
    await expect(handler({ detail: {} })).rejects.toThrow(
      "time: expected string, it is missing; detail.ModelPackageArn: expected string, it is missing",
    );
    await expect(handler(approvalEvent({ ModelPackageArn: "arn:unversioned" }))).rejects.toThrow(
      "arn:unversioned is not the ARN of a versioned model package",
    );
  });
});
