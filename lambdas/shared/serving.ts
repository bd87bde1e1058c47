/** What the endpoint serves now: endpoint → configuration → model → model package. */
import {
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { errorMessage, errorName, MissingReport } from "./errors";
import { packageVersion } from "./names";
import { sagemakerClient } from "./sagemaker";

export interface Serving {
  modelPackageArn: string;
  version: number;
  modelDataUrl: string;
  /** Where the endpoint writes its captures; absent when it captures nothing. */
  captureUri?: string;
  /** The lineage that the model was registered with. */
  lineage: Record<string, string>;
}

/** Describes the serving model, or undefined when there is no endpoint yet (or none that ever came up). */
export async function describeServing(endpointName: string): Promise<Serving | undefined> {
  const endpoint = await describeEndpoint(endpointName);
  if (endpoint?.EndpointConfigName === undefined || endpoint.EndpointStatus === "Failed") return undefined;
  const client = sagemakerClient();
  const config = await client.send(
    new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }),
  );
  const modelName = config.ProductionVariants?.[0]?.ModelName;
  const model = await client.send(new DescribeModelCommand({ ModelName: modelName }));
  const modelPackageArn = (model.PrimaryContainer ?? model.Containers?.[0])?.ModelPackageName;
  if (modelPackageArn === undefined) {
    throw new MissingReport(
      `endpoint ${endpointName} serves ${modelName}, which was not made from a model package; deploy it by approving one`,
    );
  }
  const modelPackage = await client.send(new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }));
  const modelDataUrl = modelPackage.InferenceSpecification?.Containers?.[0]?.ModelDataUrl;
  if (modelDataUrl === undefined) throw new MissingReport(`${modelPackageArn} names no model data`);
  const capture = config.DataCaptureConfig;
  return {
    modelPackageArn,
    version: modelPackage.ModelPackageVersion ?? packageVersion(modelPackageArn),
    modelDataUrl,
    lineage: modelPackage.CustomerMetadataProperties ?? {},
    ...(capture?.EnableCapture !== false && capture?.DestinationS3Uri && { captureUri: capture.DestinationS3Uri }),
  };
}

async function describeEndpoint(endpointName: string): Promise<DescribeEndpointCommandOutput | undefined> {
  try {
    return await sagemakerClient().send(new DescribeEndpointCommand({ EndpointName: endpointName }));
  } catch (error) {
    // SageMaker has no name of its own for "there is none".
    if (errorName(error) === "ValidationException" && /could not find/i.test(errorMessage(error))) return undefined;
    throw error;
  }
}
