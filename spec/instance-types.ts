/** The instance types that SageMaker accepts, in a file generated from the AWS SDK (`npm run schema`). */
import { z } from "zod";
import known from "./instance-types.json";

const instanceType = (types: string[], use: string) =>
  z.enum(types, { error: `expected an instance type that SageMaker has for ${use}, such as ml.m5.large` });

/** Types for training jobs and for processing jobs, because the evaluation runs on the same type as the training. */
export const trainingInstanceType = instanceType(known.training, "training and processing");
export const endpointInstanceType = instanceType(known.endpoint, "endpoints");
