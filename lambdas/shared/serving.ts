/** What an endpoint serves now: endpoint → configuration → model → model package. */
import {
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigCommandOutput,
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
  /** Absent where the model was not made from a registered package. */
  modelPackageArn: string | undefined;
  config: DescribeEndpointConfigCommandOutput;
}

export interface Serving {
  modelPackageArn: string;
  version: number;
  modelDataUrl: string;
  /** Where the endpoint writes its captures; absent when it captures nothing. */
  captureUri?: string;
  /** As the model was registered, perhaps by an earlier release. */
  lineage: Partial<ModelLineage>;
}

/** The model behind an endpoint, or undefined when there is no endpoint yet (or none that ever came up). */
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
  return { modelName, modelPackageArn: (model.PrimaryContainer ?? model.Containers?.[0])?.ModelPackageName, config };
}

/** Describes the serving model by its package, or undefined when none serves. */
export async function describeServing(endpointName: string): Promise<Serving | undefined> {
  const serving = await findServingModel(endpointName);
  if (serving === undefined) return undefined;
  const { modelName, modelPackageArn, config } = serving;
  if (modelPackageArn === undefined) {
    throw new MissingReport(
      `endpoint ${endpointName} serves ${modelName}, which was not made from a model package; approve a registered version to replace it`,
    );
  }
  const client = sagemakerClient();
  const modelPackage = await client.send(new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }));
  const modelDataUrl = modelPackage.InferenceSpecification?.Containers?.[0]?.ModelDataUrl;
  if (modelDataUrl === undefined) throw new MissingReport(`${modelPackageArn} names no model artifact`);
  const capture = config.DataCaptureConfig;
  return {
    modelPackageArn,
    version: modelPackage.ModelPackageVersion ?? packageVersion(modelPackageArn),
    modelDataUrl,
    lineage: modelPackage.CustomerMetadataProperties ?? {},
    ...(capture?.EnableCapture !== false && capture?.DestinationS3Uri && { captureUri: capture.DestinationS3Uri }),
  };
}

async function describeEndpoint(
  endpointName: string,
  client: SageMakerClient,
): Promise<DescribeEndpointCommandOutput | undefined> {
  try {
    return await client.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
  } catch (error) {
    // SageMaker has no error of its own for an endpoint that does not exist: its text must tell.
    if (errorName(error) === "ValidationException" && /could not find/i.test(errorMessage(error))) return undefined;
    throw error;
  }
}
