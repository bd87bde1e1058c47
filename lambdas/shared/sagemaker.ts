import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { once } from "./once";

export const sagemakerClient = once(() => new SageMakerClient({}));
