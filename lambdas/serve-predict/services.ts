/** The services that a prediction calls: the online feature store, the endpoint and, now and then, S3. */
import { EntityNotFound, errorName, MissingReport } from "../shared/errors";
import { parseAs } from "../shared/parse";
import { asLambda, call, encode } from "../shared/signed-call";
import { type OnlineState, onlineState } from "./age";
import type { StoredFeature } from "./core";

/** Reads the features job's state, an object in S3. */
export async function readOnlineState(uri: string): Promise<OnlineState> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  // A local cloud has one address for all buckets.
  const isLocal = process.env.AWS_ENDPOINT_URL !== undefined;
  const path = isLocal ? `/${bucket}/${key}` : `/${key}`;
  const answer = await call({ service: "s3", method: "GET", path, timeoutMs: 3000 }, asLambda(`${bucket}.s3`));
  return parseAs(onlineState, JSON.parse(answer.body), uri, MissingReport);
}

/** An entity's latest features; throws EntityNotFound if the store has none. */
export async function readFeatures(featureGroup: string, entity: string): Promise<StoredFeature[]> {
  const answer = await call(
    {
      service: "sagemaker",
      method: "GET",
      path: `/FeatureGroup/${encode(featureGroup)}`,
      query: { RecordIdentifierValueAsString: entity },
      timeoutMs: 3000,
    },
    asLambda("featurestore-runtime.sagemaker"),
  ).catch((error: unknown) => {
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
  const answer = await call(
    {
      service: "sagemaker",
      method: "POST",
      path: `/endpoints/${encode(endpointName)}/invocations`,
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        "x-amzn-sagemaker-inference-id": inferenceId,
      },
      body: JSON.stringify({ instances: [instance] }),
    },
    asLambda("runtime.sagemaker"),
  );
  return answer.body;
}
