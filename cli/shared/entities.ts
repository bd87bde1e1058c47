/** Entities for which there are features, as examples in messages. */

import { GetObjectCommand } from "@aws-sdk/client-s3";
import { BatchGetRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { parse } from "csv-parse/sync";
import { pipelineFolder } from "../../infra/lake/folders";
import { environmentNames, type PipelineNames, type Place } from "../../infra/names";
import { clients } from "./clients";
import { nameOf } from "./problem";
import { readTable } from "./table";

/** BatchGetRecord takes at most 100 identifiers. */
const candidates = 50;

/** A few entities with features of the newest day: those at the top of its scores; none if nothing has been scored. */
async function scoredEntities(place: Place, { pipeline }: PipelineNames): Promise<string[]> {
  const Key = `${pipelineFolder(pipeline, "scores", "exports")}/latest/scores.csv`;
  const request = { Bucket: environmentNames(place).lakeBucket, Key, Range: "bytes=0-4095" };
  try {
    const { Body } = await clients.s3().send(new GetObjectCommand(request));
    const text = (await Body?.transformToString()) ?? "";
    const rows: { entity: string }[] = parse(text.slice(0, text.lastIndexOf("\n") + 1), { columns: true });
    return rows.map(({ entity }) => entity);
  } catch (error) {
    if (nameOf(error) === "NoSuchKey") return [];
    throw error;
  }
}

/** A few entities that have features in the online store; none if nothing has been computed yet. */
export async function sampleEntities(place: Place, names: PipelineNames, entity: string, most = 5): Promise<string[]> {
  const scored = await scoredEntities(place, names);
  if (scored.length > 0) return scored.slice(0, most);
  const found = new Set<string>();
  for await (const [value] of readTable(`${names.database}.features`, [entity])) {
    found.add(String(value));
    if (found.size >= candidates) break;
  }
  if (found.size === 0) return [];
  const { Records = [] } = await clients.featureStore().send(
    new BatchGetRecordCommand({
      Identifiers: [
        {
          FeatureGroupName: names.featureGroup,
          RecordIdentifiersValueAsString: [...found],
          FeatureNames: [entity],
        },
      ],
    }),
  );
  return Records.flatMap(({ RecordIdentifierValueAsString: id }) => id ?? []).slice(0, most);
}
