/** Entities for which there are features, as examples in messages. */
import { BatchGetRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { readTable } from "@daybreak/local";
import type { PipelineNames } from "../../infra/names";
import { clients } from "./clients";

/** BatchGetRecord takes at most 100 identifiers. */
const candidates = 50;

/** A few entities that have features in the online store; none if nothing has been computed yet. */
export async function sampleEntities(names: PipelineNames, entity: string, most = 5): Promise<string[]> {
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
