/** Chooses the entities of live traffic: those whose online features are of the as-of day. */
import { createHash } from "node:crypto";
import { BatchGetRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { clients } from "../shared/clients";
import type { Demo } from "./context";

/** The maximum of BatchGetRecord. */
const batchSize = 100;
/** Enough that the requests of a day are of many entities. */
const wanted = 300;

/** Shuffles deterministically. */
function shuffled(entities: readonly string[], seed: string): string[] {
  const order = (entity: string) => createHash("md5").update(seed).update(entity).digest("hex");
  return entities
    .map((entity) => ({ entity, key: order(entity) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ entity }) => entity);
}

/** A random sample of the entities with features as of a day. */
export async function populationOf(demo: Demo, asOf: string): Promise<string[]> {
  const candidates = shuffled(demo.replay.seenSince(asOf, demo.spec.features.window_days), asOf);
  const found: string[] = [];
  for (let from = 0; from < candidates.length && found.length < wanted; from += batchSize) {
    found.push(...(await currentOf(demo, candidates.slice(from, from + batchSize), asOf)));
  }
  return found.slice(0, wanted);
}

async function currentOf(demo: Demo, entities: string[], asOf: string): Promise<string[]> {
  const { Records = [] } = await clients.featureStore().send(
    new BatchGetRecordCommand({
      Identifiers: [
        {
          FeatureGroupName: demo.pipeline.featureGroup,
          RecordIdentifiersValueAsString: entities,
          FeatureNames: [demo.spec.entity, "event_time"],
        },
      ],
    }),
  );
  return Records.flatMap(({ RecordIdentifierValueAsString: entity, Record = [] }) => {
    const time = Record.find(({ FeatureName }) => FeatureName === "event_time")?.ValueAsString ?? "";
    return entity !== undefined && time.startsWith(asOf) ? [entity] : [];
  });
}
