/**
 * Adds the features that a deployment declares and the feature group lacks. Pulumi cannot: its provider replaces the group, which
 * deletes the online data (hashicorp/terraform-provider-aws #26809, #36784).
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeFeatureGroupCommand,
  type DescribeFeatureGroupCommandOutput,
  type FeatureDefinition,
  UpdateFeatureGroupCommand,
} from "@aws-sdk/client-sagemaker";
import { commonVariables, readEnvironment } from "../shared/environment";
import { errorName, InvalidInput, ServiceFailure } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { sagemakerClient } from "../shared/sagemaker";
import { additionsEvent, additionsTo, type Definition } from "./core";

const setup = once(() => readEnvironment(commonVariables));

/** Waits grow from the first to the longest. */
const firstMilliseconds = 100;
const longestMilliseconds = 5000;
/** A deployment makes this function's role moments before: IAM may not know its policy yet. */
const permissionMilliseconds = 60_000;

export async function handler(rawEvent: unknown): Promise<{ added: string[] }> {
  setup();
  const { featureGroup, definitions } = parseAs(additionsEvent, rawEvent, "the event of features-add", InvalidInput);
  const requests = additionsTo(await storedDefinitions(featureGroup), definitions);
  for (const FeatureAdditions of requests.map((request) => request.map(asFeatureDefinition))) {
    await oncePermitted(() =>
      sagemakerClient().send(new UpdateFeatureGroupCommand({ FeatureGroupName: featureGroup, FeatureAdditions })),
    );
    const { LastUpdateStatus: last } = await settled(featureGroup);
    if (last?.Status === "Failed") {
      throw new ServiceFailure(
        `SageMaker could not add features to ${featureGroup}: ${last.FailureReason ?? "it gives no reason"}. Deploy again.`,
        500,
      );
    }
  }
  const added = requests.flat().map(({ featureName }) => featureName);
  logger().info("The feature group has the declared features", { feature_group: featureGroup, added });
  return { added };
}

const asFeatureDefinition = ({ featureName, featureType }: Definition): FeatureDefinition => ({
  FeatureName: featureName,
  FeatureType: featureType,
});

const longer = (wait: number) => Math.min(2 * wait, longestMilliseconds);

/** The group's features, once no update of an earlier deployment is in progress. */
async function storedDefinitions(featureGroup: string): Promise<Definition[]> {
  const stored: FeatureDefinition[] = [];
  let page = await settled(featureGroup);
  for (;;) {
    stored.push(...(page.FeatureDefinitions ?? []));
    if (!page.NextToken) break;
    page = await describe(featureGroup, page.NextToken);
  }
  return stored.flatMap(({ FeatureName: featureName, FeatureType: featureType }) =>
    featureName === undefined || featureType === undefined ? [] : [{ featureName, featureType }],
  );
}

/** Waits until an update has ended; Lambda's timeout ends the wait. */
async function settled(featureGroup: string): Promise<DescribeFeatureGroupCommandOutput> {
  for (let wait = firstMilliseconds; ; wait = longer(wait)) {
    const group = await describe(featureGroup);
    if (group.LastUpdateStatus?.Status !== "InProgress") return group;
    await sleep(wait);
  }
}

function describe(FeatureGroupName: string, NextToken?: string): Promise<DescribeFeatureGroupCommandOutput> {
  return oncePermitted(() => sagemakerClient().send(new DescribeFeatureGroupCommand({ FeatureGroupName, NextToken })));
}

/** Repeats a call that is denied. One that was allowed says nothing of the next: each of IAM's servers learns of a policy by itself. */
async function oncePermitted<Result>(send: () => Promise<Result>): Promise<Result> {
  const until = Date.now() + permissionMilliseconds;
  for (let wait = firstMilliseconds; ; wait = longer(wait)) {
    try {
      return await send();
    } catch (error) {
      if (errorName(error) !== "AccessDeniedException" || Date.now() > until) throw error;
      await sleep(wait);
    }
  }
}
