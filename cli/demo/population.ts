/** Chooses the entities of live traffic: those whose online features are of the as-of day, and a few with older ones. */
import { createHash } from "node:crypto";
import { BatchGetRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { clients } from "../shared/clients";
import type { Demo } from "./context";

/** The maximum of BatchGetRecord. */
const batchSize = 100;
/** Enough that the requests of a day are of many entities. */
const wanted = 300;
/** Enough to show that entities with old features are refused. */
const wantedStale = 10;

/** Shuffles deterministically. */
function shuffled(entities: readonly string[], seed: string): string[] {
  const order = (entity: string) => createHash("md5").update(seed).update(entity).digest("hex");
  return entities
    .map((entity) => ({ entity, key: order(entity) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ entity }) => entity);
}

/** Entities of an as-of day, for live traffic. */
export interface Population {
  /** With features as of the day. */
  current: string[];
  /** With older features only, which serving refuses. */
  stale: string[];
}

/** Random samples of the entities that were seen before a day. */
export async function populationOf(demo: Demo, asOf: string): Promise<Population> {
  const candidates = shuffled(demo.replay.seenSince(asOf, demo.spec.features.window_days), asOf);
  const current: string[] = [];
  const stale: string[] = [];
  for (let from = 0; from < candidates.length && current.length < wanted; from += batchSize) {
    for (const [entity, time] of await eventTimes(demo, candidates.slice(from, from + batchSize))) {
      (time.startsWith(asOf) ? current : stale).push(entity);
    }
  }
  return { current: current.slice(0, wanted), stale: stale.slice(0, wantedStale) };
}

/** The event time of each entity's record in the online store. */
async function eventTimes(demo: Demo, entities: string[]): Promise<[entity: string, time: string][]> {
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
    return entity === undefined ? [] : [[entity, time] as [string, string]];
  });
}
