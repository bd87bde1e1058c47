import {
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  ListEndpointConfigsCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { type Deployed, findExpired, type Serving, type Version } from "../../../lambdas/registry-retire/core";
import { handler } from "../../../lambdas/registry-retire/handler";
import { packageArn } from "./factories";

const before = new Date("2026-06-01T00:00:00Z");
const old = new Date("2025-01-01T00:00:00Z");
const recent = new Date("2026-07-01T00:00:00Z");

const version = (number: number, approval = "Approved", created = old): Version => ({
  version: number,
  arn: packageArn(number),
  approval,
  created,
});
const model = (number: number, created = old): Deployed => ({
  kind: "model",
  name: `daybreak-dev-shop--v${number}-20250101000000`,
  version: number,
  created,
});
const numbers = ({ versions }: { versions: readonly Version[] }) => versions.map((one) => one.version);

describe("what is no longer needed", () => {
  it.each<[string, Version[], Serving | undefined, number[]]>([
    ["is old", [version(1), version(2), version(3)], { version: 3, floor: undefined }, [1]],
    [
      "is not the one that serves, although newer ones exist",
      [version(1), version(2), version(3, "Rejected")],
      { version: 1, floor: undefined },
      [3],
    ],
    ["is not the best one so far", [version(1), version(2), version(3)], { version: 3, floor: 1 }, []],
    [
      "does not await a review",
      [version(1, "PendingManualApproval"), version(2, "Rejected"), version(3)],
      { version: 3, floor: undefined },
      [2],
    ],
    ["is not recent", [version(1, "Rejected", recent), version(2)], { version: 2, floor: undefined }, []],
    [
      "is not the newest approved one if nothing serves",
      [version(1), version(2), version(3, "Rejected")],
      undefined,
      [1, 3],
    ],
  ])("%s", (_, versions, serving, expected) => {
    expect(numbers(findExpired(versions, [], serving, before))).toEqual(expected);
  });

  it("was not deployed of late: one goes back to an old version, and again", () => {
    const versions = [version(1), version(2), version(3)];
    const { deployed, ...expired } = findExpired(
      versions,
      [model(1, recent), model(1), model(2)],
      { version: 3, floor: undefined },
      before,
    );
    expect(numbers(expired)).toEqual([]);
    expect(deployed).toEqual([]);
  });

  it("takes the models and configurations of a version with it, also of one that is deleted already", () => {
    const { deployed } = findExpired(
      [version(2), version(3)],
      [model(1), model(2), model(3)],
      { version: 3, floor: undefined },
      before,
    );
    expect(deployed).toEqual([model(1)]);
  });

  it("never is what serves, what one goes back to, or what awaits a review", () => {
    const anyVersion = fc.record({
      approval: fc.constantFrom("Approved", "Rejected", "PendingManualApproval"),
      created: fc.constantFrom(old, recent),
    });
    fc.assert(
      fc.property(fc.array(anyVersion, { maxLength: 8 }), fc.nat(7), (made, position) => {
        const versions = made.map(({ approval, created }, index) => version(index + 1, approval, created));
        const serving = versions[position] && { version: versions[position].version, floor: undefined };
        const expired = numbers(
          findExpired(
            versions,
            versions.map((one) => model(one.version)),
            serving,
            before,
          ),
        );
        const back = versions.filter((one) => one.approval === "Approved" && one.version !== serving?.version).at(-1);
        for (const one of versions) {
          const needed = one.version === serving?.version || one === back || one.approval === "PendingManualApproval";
          if (needed || one.created === recent) expect(expired).not.toContain(one.version);
          else expect(expired).toContain(one.version);
        }
      }),
    );
  });
});

describe("the handler", () => {
  const sagemaker = mockClient(SageMakerClient);
  const name = (number: number) => `daybreak-dev-shop--v${number}-20250101000000`;
  const missing = Object.assign(new Error('Could not find model "x".'), { name: "ValidationException" });

  beforeEach(() => {
    jest.useFakeTimers({
      now: new Date("2026-06-01T00:00:00Z"),
      doNotFake: ["setTimeout", "setImmediate", "nextTick"],
    });
    Object.assign(process.env, {
      DAYBREAK_ENVIRONMENT: "dev",
      DAYBREAK_PIPELINE: "shop",
      MODEL_PACKAGE_GROUP: "daybreak-dev-shop",
      ENDPOINT_NAME: "daybreak-dev-shop",
      NAME_PREFIX: "daybreak-dev-shop--",
      MODEL_VERSION_DAYS: "365",
    });
    sagemaker.reset();
    sagemaker.on(DescribeEndpointCommand).resolves({ EndpointStatus: "InService", EndpointConfigName: name(3) });
    sagemaker.on(DescribeEndpointConfigCommand).resolves({ ProductionVariants: [{ ModelName: name(3) }] } as never);
    sagemaker.on(DescribeModelCommand).resolves({ PrimaryContainer: { ModelPackageName: packageArn(3) } });
    sagemaker.on(DescribeModelPackageCommand).resolves({
      ModelPackageVersion: 3,
      InferenceSpecification: { Containers: [{ ModelDataUrl: "s3://lake/model" }] },
      CustomerMetadataProperties: { floor_version: "2" },
    } as never);
    sagemaker.on(ListModelPackagesCommand).resolves({
      ModelPackageSummaryList: [1, 2, 3].map((number) => ({
        ...{ ModelPackageArn: packageArn(number), ModelApprovalStatus: "Approved", CreationTime: old },
      })),
    } as never);
    const names = [name(1), name(2), name(3), "daybreak-dev-shop-v1-old--v1-20250101000000", "daybreak-dev-shop-vase"];
    sagemaker
      .on(ListModelsCommand)
      .resolves({ Models: names.map((ModelName) => ({ ModelName, CreationTime: old })) } as never);
    sagemaker.on(ListEndpointConfigsCommand).resolves({
      EndpointConfigs: names.map((EndpointConfigName) => ({ EndpointConfigName, CreationTime: old })),
    } as never);
    sagemaker.on(DeleteModelCommand).resolves({});
    sagemaker.on(DeleteEndpointConfigCommand).resolves({});
    sagemaker.on(DeleteModelPackageCommand).resolves({});
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it("deletes old versions with their models and configurations, and none of another pipeline", async () => {
    sagemaker.on(DeleteModelCommand).rejects(missing);
    expect(await handler()).toEqual({ versions: [1], models: [name(1)], configs: [name(1)] });
    expect(sagemaker.commandCalls(DeleteModelPackageCommand).map(({ args }) => args[0].input)).toEqual([
      { ModelPackageName: packageArn(1) },
    ]);
    expect(sagemaker.commandCalls(DeleteEndpointConfigCommand)).toHaveLength(1);
  });

  it("deletes nothing while a deployment is under way, which may go back", async () => {
    sagemaker.on(DescribeEndpointCommand).resolves({ EndpointStatus: "Updating", EndpointConfigName: name(3) });
    expect(await handler()).toEqual({ versions: [], models: [], configs: [] });
    expect(sagemaker.commandCalls(DeleteModelPackageCommand)).toEqual([]);
  });

  it("fails if SageMaker refuses for another reason", async () => {
    sagemaker
      .on(DeleteEndpointConfigCommand)
      .rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
    await expect(handler()).rejects.toThrow("no");
  });
});
