/** The two services that a prediction calls: the online feature store and the endpoint. */
import { EntityNotFound, errorName } from "../shared/errors";
import { call, encode } from "../shared/signed-call";
import type { StoredFeature } from "./core";

/** An entity's latest features; throws EntityNotFound if the store has none. */
export async function readFeatures(featureGroup: string, entity: string): Promise<StoredFeature[]> {
  const answer = await call({
    service: "sagemaker",
    host: "featurestore-runtime.sagemaker",
    method: "GET",
    path: `/FeatureGroup/${encode(featureGroup)}`,
    query: { RecordIdentifierValueAsString: entity },
    timeoutMs: 3000,
  }).catch((error: unknown) => {
    if (errorName(error) === "ResourceNotFound") return undefined;
    throw error;
  });
  const record = answer === undefined ? undefined : (JSON.parse(answer.body) as { Record?: StoredFeature[] }).Record;
  if (record === undefined || record === null || record.length === 0) {
    throw new EntityNotFound(
      `there are no features for ${JSON.stringify(entity)}: it has no events in the feature window, or the id is wrong`,
    );
  }
  return record;
}

/** The endpoint's response to one instance, as text. The data capture records the ID. */
export async function invokeEndpoint(
  endpointName: string,
  instance: Record<string, unknown>,
  inferenceId: string,
): Promise<string> {
  const answer = await call({
    service: "sagemaker",
    host: "runtime.sagemaker",
    method: "POST",
    path: `/endpoints/${encode(endpointName)}/invocations`,
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      "x-amzn-sagemaker-inference-id": inferenceId,
    },
    body: JSON.stringify({ instances: [instance] }),
  });
  return answer.body;
}
