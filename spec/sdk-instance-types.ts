/** The instance types in the AWS SDK. The SDK takes too long to load for every command, so the list is a file. */
import { ProcessingInstanceType, ProductionVariantInstanceType, TrainingInstanceType } from "@aws-sdk/client-sagemaker";

/** Path of the file, relative to the repository's root. */
export const instanceTypesPath = "spec/instance-types.json";

/** The text of the file. */
export function instanceTypesText(): string {
  const processing: readonly string[] = Object.values(ProcessingInstanceType);
  const training = Object.values(TrainingInstanceType).filter((type) => processing.includes(type));
  const endpoint = Object.values(ProductionVariantInstanceType);
  return `${JSON.stringify({ training: training.sort(), endpoint: endpoint.sort() }, null, 2)}\n`;
}
