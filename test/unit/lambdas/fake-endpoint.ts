/** A fake SageMaker with one endpoint behind the mocked client: endpoint → configuration → model → model package. */
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { packageArn } from "./factories";

export const sagemaker = mockClient(SageMakerClient);

/** SageMaker's error for an endpoint that does not exist. */
export function serveNothing(): void {
  const error = Object.assign(new Error('Could not find endpoint "arn:…".'), { name: "ValidationException" });
  sagemaker.on(DescribeEndpointCommand).rejects(error);
}

/** Makes the endpoint serve a version of the model package group. */
export function serve(version: number, changes: { lineage?: Record<string, string> } = {}): void {
  sagemaker.on(DescribeEndpointCommand).resolves({ EndpointStatus: "InService", EndpointConfigName: "config" });
  sagemaker.on(DescribeEndpointConfigCommand, { EndpointConfigName: "config" }).resolves({
    ProductionVariants: [{ VariantName: "live", ModelName: "model" }],
  });
  sagemaker.on(DescribeModelCommand, { ModelName: "model" }).resolves({
    PrimaryContainer: { ModelPackageName: packageArn(version) },
  });
  sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: packageArn(version) }).resolves({
    ModelPackageVersion: version,
    InferenceSpecification: { Containers: [{ ModelDataUrl: `s3://lake/models/shop/v${version}/model.tar.gz` }] },
    CustomerMetadataProperties: changes.lineage ?? { baseline_uri: `s3://lake/baseline-${version}.json` },
  } as never);
}
