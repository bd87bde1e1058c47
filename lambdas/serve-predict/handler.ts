/** Predicts for one entity from its latest features; invoked directly or through its Function URL. */
import { randomUUID } from "node:crypto";
import type { Prediction } from "../../contracts/prediction";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { readPipeline } from "../shared/pipeline";
import {
  asUrlEvent,
  entityOf,
  questionOf,
  refuseStale,
  respond,
  respondError,
  toInstance,
  toPrediction,
  type UrlResponse,
} from "./core";
import { invokeEndpoint, readFeatures } from "./services";

const setup = once(() => {
  const environment = readEnvironment({ ...pipelineVariables, FEATURE_GROUP: required, ENDPOINT_NAME: required });
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE) };
});

export async function handler(event: unknown): Promise<Prediction | UrlResponse> {
  const fromUrl = asUrlEvent(event);
  if (fromUrl === undefined) return predict(event);
  try {
    return respond(200, await predict(questionOf(fromUrl)));
  } catch (error) {
    const response = respondError(error);
    if (response.statusCode >= 500) logger().error("The prediction failed", { error });
    return response;
  }
}

async function predict(question: unknown): Promise<Prediction> {
  const { environment, spec } = setup();
  const entity = entityOf(question, spec.entity);
  const record = await readFeatures(environment.FEATURE_GROUP, entity);
  const instance = toInstance(record, spec.features.columns);
  refuseStale(instance, entity, spec.serving.max_feature_age_days, new Date());
  // The model passes over the entity; the capture keeps it, and the ID of the request.
  const asked = { [spec.entity]: entity, ...instance.features };
  const answer = await invokeEndpoint(environment.ENDPOINT_NAME, asked, randomUUID());
  return toPrediction(entity, instance, answer, spec.serving.threshold);
}
