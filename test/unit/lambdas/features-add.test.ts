import { DescribeFeatureGroupCommand, SageMakerClient, UpdateFeatureGroupCommand } from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { additionsTo, type Definition } from "../../../lambdas/features-add/core";
import { handler } from "../../../lambdas/features-add/handler";

const feature = (featureName: string, featureType: Definition["featureType"] = "Integral"): Definition => ({
  featureName,
  featureType,
});
const [user, orders, spend] = [feature("user_id", "String"), feature("orders"), feature("spend", "Fractional")];

describe("the features that a group lacks", () => {
  it("are those that are declared and not stored, whatever the order", () => {
    expect(additionsTo([user, orders], [spend, orders, user])).toEqual([[spend]]);
    expect(additionsTo([user, orders], [orders, user])).toEqual([]);
  });

  it("are added a hundred at a time", () => {
    const many = Array.from({ length: 201 }, (_, number) => feature(`f${number}`));
    const requests = additionsTo([user], [user, ...many]);
    expect(requests.map((request) => request.length)).toEqual([100, 100, 1]);
    expect(requests.flat()).toEqual(many);
  });

  it("are refused together with a removed or a retyped one, which SageMaker would keep", () => {
    const declared = [user, feature("orders", "Fractional"), feature("visits")];
    expect(() => additionsTo([user, orders, spend], declared)).toThrow(
      /orders was Integral and is now declared as Fractional; spend is no longer declared\. Put it back into features\.columns/,
    );
  });
});

describe("the handler", () => {
  const sagemaker = mockClient(SageMakerClient);
  const event = { featureGroup: "daybreak-dev-shop", definitions: [user, orders, spend] };
  const stored = (...definitions: Definition[]) => ({
    FeatureDefinitions: definitions.map(({ featureName, featureType }) => ({
      FeatureName: featureName,
      FeatureType: featureType,
    })),
  });
  const denied = Object.assign(new Error("no policy yet"), { name: "AccessDeniedException" });

  beforeEach(() => {
    sagemaker.reset();
    process.env.DAYBREAK_ENVIRONMENT = "dev";
    sagemaker.on(UpdateFeatureGroupCommand).resolves({});
  });

  it("adds what is missing and waits until it is there", async () => {
    sagemaker
      .on(DescribeFeatureGroupCommand)
      .resolvesOnce({ ...stored(user), NextToken: "more" } as never)
      .resolvesOnce(stored(orders) as never)
      .resolvesOnce({ LastUpdateStatus: { Status: "InProgress" } })
      .resolves({ LastUpdateStatus: { Status: "Successful" } });
    expect(await handler(event)).toEqual({ added: ["spend"] });
    expect(sagemaker.commandCalls(UpdateFeatureGroupCommand).map(({ args }) => args[0].input)).toEqual([
      {
        FeatureGroupName: "daybreak-dev-shop",
        FeatureAdditions: [{ FeatureName: "spend", FeatureType: "Fractional" }],
      },
    ]);
    expect(sagemaker.commandCalls(DescribeFeatureGroupCommand)).toHaveLength(4);
  });

  it("changes nothing if the group is complete, as when it has just been created", async () => {
    sagemaker
      .on(DescribeFeatureGroupCommand)
      .rejectsOnce(denied)
      .resolves(stored(user, orders, spend) as never);
    expect(await handler(event)).toEqual({ added: [] });
    expect(sagemaker.commandCalls(UpdateFeatureGroupCommand)).toEqual([]);
  });

  it("waits until IAM knows its policy, for each call by itself", async () => {
    sagemaker
      .on(DescribeFeatureGroupCommand)
      .resolvesOnce(stored(user, orders) as never)
      .resolves({ LastUpdateStatus: { Status: "Successful" } });
    sagemaker.on(UpdateFeatureGroupCommand).rejectsOnce(denied).resolves({});
    expect(await handler(event)).toEqual({ added: ["spend"] });
    expect(sagemaker.commandCalls(UpdateFeatureGroupCommand)).toHaveLength(2);
  });

  it("reads the features only after an earlier update has ended", async () => {
    sagemaker
      .on(DescribeFeatureGroupCommand)
      .resolvesOnce({ ...stored(user), LastUpdateStatus: { Status: "InProgress" } } as never)
      .resolves({ ...stored(user, orders, spend), LastUpdateStatus: { Status: "Successful" } } as never);
    expect(await handler(event)).toEqual({ added: [] });
  });

  it("fails with SageMaker's reason", async () => {
    sagemaker
      .on(DescribeFeatureGroupCommand)
      .resolvesOnce(stored(user, orders) as never)
      .resolves({ LastUpdateStatus: { Status: "Failed", FailureReason: "the table is gone" } });
    await expect(handler(event)).rejects.toThrow("could not add features to daybreak-dev-shop: the table is gone.");
  });
});
