/** Which features a feature group lacks, by SageMaker's rules: features can be added, and neither removed nor changed. */
import * as z from "zod/mini";
import { InvalidInput } from "../shared/errors";

const definition = z.object({ featureName: z.string(), featureType: z.enum(["Fractional", "Integral", "String"]) });
export type Definition = z.infer<typeof definition>;

export const additionsEvent = z.object({ featureGroup: z.string(), definitions: z.array(definition) });

/** SageMaker's limit on the features of one UpdateFeatureGroup. */
const mostAdditions = 100;

/**
 * The features to add, in requests that SageMaker accepts.
 *
 * @throws InvalidInput if a feature of the group is missing or has another type
 */
export function additionsTo(stored: readonly Definition[], wanted: readonly Definition[]): Definition[][] {
  const types = new Map(wanted.map(({ featureName, featureType }) => [featureName, featureType]));
  const refused = stored.flatMap(({ featureName, featureType }) => {
    const now = types.get(featureName);
    if (now === undefined) return [`${featureName} is no longer declared`];
    return now === featureType ? [] : [`${featureName} was ${featureType} and is now declared as ${now}`];
  });
  if (refused.length > 0) {
    throw new InvalidInput(
      `SageMaker can neither remove a feature of a feature group nor change its type: ${refused.join("; ")}. ` +
        "Put it back into features.columns of pipeline.yaml as it was (features.sql may return NULL for it), and give a feature of " +
        "another type another name. To begin without it, deploy the pipeline under another name.",
    );
  }
  const known = new Set(stored.map(({ featureName }) => featureName));
  const added = wanted.filter(({ featureName }) => !known.has(featureName));
  return Array.from({ length: Math.ceil(added.length / mostAdditions) }, (_, request) =>
    added.slice(request * mostAdditions, (request + 1) * mostAdditions),
  );
}
