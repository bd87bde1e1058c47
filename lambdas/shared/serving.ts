/** Finds what an endpoint serves: endpoint → configuration → model → model package. */
import {
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { ModelLineage } from "../../contracts/model-lineage";
import { errorMessage, errorName, MissingReport } from "./errors";
import { packageVersion } from "./names";
import { sagemakerClient } from "./sagemaker";

export interface ServingModel {
  modelName: string;
  /** Absent if the model was not created from a registered package. */
  modelPackageArn: string | undefined;
}

/** A version in the registry. */
export interface RegisteredModel {
  modelPackageArn: string;
  version: number;
  modelDataUrl: string;
  /** The metadata as registered, possibly by an earlier release. */
  lineage: Partial<ModelLineage>;
}

/** The model of an endpoint, or undefined if there is no endpoint yet, or one that was never in service. */
export async function findServingModel(
  endpointName: string,
  client: SageMakerClient = sagemakerClient(),
): Promise<ServingModel | undefined> {
  const endpoint = await describeEndpoint(endpointName, client);
  if (endpoint?.EndpointConfigName === undefined || endpoint.EndpointStatus === "Failed") return undefined;
  const config = await client.send(
    new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }),
  );
  const modelName = config.ProductionVariants?.[0]?.ModelName ?? "";
  const model = await client.send(new DescribeModelCommand({ ModelName: modelName }));
  return { modelName, modelPackageArn: (model.PrimaryContainer ?? model.Containers?.[0])?.ModelPackageName };
}

/** The endpoint's status, or undefined if there is no endpoint. */
export async function endpointStatus(endpointName: string): Promise<string | undefined> {
  return (await describeEndpoint(endpointName, sagemakerClient()))?.EndpointStatus;
}

/** The serving model and its package, or undefined if none is serving. */
export async function describeServing(endpointName: string): Promise<RegisteredModel | undefined> {
  const serving = await findServingModel(endpointName);
  if (serving === undefined) return undefined;
  const { modelName, modelPackageArn } = serving;
  if (modelPackageArn === undefined) {
    throw new MissingReport(
      `endpoint ${endpointName} serves ${modelName}, which was not created from a model package; approve a registered version to replace it`,
    );
  }
  return describePackage(modelPackageArn);
}

async function describePackage(modelPackageArn: string): Promise<RegisteredModel> {
  const found = await sagemakerClient().send(new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }));
  const modelDataUrl = found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl;
  if (modelDataUrl === undefined) throw new MissingReport(`${modelPackageArn} names no model artifact`);
  return {
    modelPackageArn,
    version: found.ModelPackageVersion ?? packageVersion(modelPackageArn),
    modelDataUrl,
    lineage: found.CustomerMetadataProperties ?? {},
  };
}

/** A version in the registry, or undefined if it has been deleted. */
export async function findPackage(modelPackageArn: string): Promise<RegisteredModel | undefined> {
  try {
    return await describePackage(modelPackageArn);
  } catch (error) {
    // SageMaker has no specific error code for a missing package.
    if (errorName(error) === "ValidationException" && /does not exist/i.test(errorMessage(error))) return undefined;
    throw error;
  }
}

async function describeEndpoint(
  endpointName: string,
  client: SageMakerClient,
): Promise<DescribeEndpointCommandOutput | undefined> {
  try {
    return await client.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
  } catch (error) {
    // SageMaker has no specific error code for a missing endpoint, only a message.
    if (errorName(error) === "ValidationException" && /could not find/i.test(errorMessage(error))) return undefined;
    throw error;
  }
}
