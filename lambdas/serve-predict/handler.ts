/** Predicts for one entity from its latest features; invoked directly or through its Function URL. */
import { randomUUID } from "node:crypto";
import type { Prediction } from "../../contracts/prediction";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { errorMessage, StaleFeatures } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { readPipeline } from "../shared/pipeline";
import { remembered } from "../shared/remembered";
import { ageOf } from "./age";
import {
  asUrlEvent,
  entityOf,
  questionOf,
  respond,
  respondError,
  toInstance,
  toPrediction,
  type UrlResponse,
} from "./core";
import { countRequest } from "./metrics";
import { invokeEndpoint, readFeatures, readOnlineState } from "./services";

const setup = once(() => {
  const environment = readEnvironment({
    ...pipelineVariables,
    FEATURE_GROUP: required,
    FEATURE_STATE_URI: required,
    ENDPOINT_NAME: required,
  });
  const onlineState = remembered(
    () => readOnlineState(`${environment.FEATURE_STATE_URI}/computed.json`),
    (error) => logger().warn("The newest computed day could not be read again", { error: errorMessage(error) }),
  );
  return { environment, spec: readPipeline(environment.DAYBREAK_PIPELINE), onlineState };
});

export async function handler(event: unknown): Promise<Prediction | UrlResponse> {
  const fromUrl = asUrlEvent(event);
  try {
    const prediction = await predict(fromUrl === undefined ? event : questionOf(fromUrl));
    return fromUrl === undefined ? prediction : respond(200, prediction);
  } catch (error) {
    const response = respondError(error);
    const failed = response.statusCode >= 500;
    if (failed) countRequest("FailedRequests");
    if (error instanceof StaleFeatures) countRequest("StaleRequests");
    if (fromUrl === undefined) throw error;
    if (failed) logger().error("The prediction failed", { error });
    return response;
  }
}

async function predict(question: unknown): Promise<Prediction> {
  const { environment, spec, onlineState } = setup();
  const entity = entityOf(question, spec.entity);
  // At the same time; a missing record is the error to report, whatever becomes of the state.
  const [record, state] = await Promise.allSettled([readFeatures(environment.FEATURE_GROUP, entity), onlineState()]);
  const instance = toInstance(settledValue(record), spec.features.columns);
  const { featuresAsOf } = instance;
  const age = ageOf(featuresAsOf, entity, spec, settledValue(state), new Date());
  // The model passes over what is not a feature; the capture keeps it, and the check of serving needs it.
  const asked = { [spec.entity]: entity, event_time: featuresAsOf, feature_age_days: age, ...instance.features };
  const answer = await invokeEndpoint(environment.ENDPOINT_NAME, asked, randomUUID());
  return toPrediction(entity, instance, answer, spec.serving.threshold);
}

function settledValue<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}
