/** Pipeline specs for tests. */
import { type PipelineSpec, pipelineSchema } from "../../../spec/pipeline";

/** A complete pipeline spec with some top-level keys replaced. */
export function makeSpec(name = "shop", changes: Record<string, unknown> = {}): PipelineSpec {
  const config = pipelineSchema.parse({
    name,
    description: `The pipeline ${name}`,
    entity: "user_id",
    events: { fields: { event_id: "string", event_time: "timestamp", user_id: "string", amount: "double" } },
    features: { window_days: 7, columns: { spend: "double", orders: "integer", country: "string" } },
    label: { name: "churned", horizon_days: 14 },
    ...changes,
  });
  return { ...config, features_sql: "SELECT 1", label_sql: "SELECT 2" };
}
