/** Configurations to run the program with, and its runs, each made once. */
import { resolve } from "node:path";
import { parseConfig, type StackConfig } from "../../../infra/config";
import { createStack } from "../../../infra/stack";
import { type PipelineSpec, pipelineSchema } from "../../../spec/pipeline";
import { type Recording, record } from "./record";

export const root = resolve(__dirname, "../../..");

/** A pipeline of its own making, whole, with the parts of interest replaced. */
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

/** A configuration of the environment `dev`, with what is of interest changed. */
export function makeConfig(
  pipelineSpecs: readonly PipelineSpec[],
  settings: Record<string, unknown> = {},
): StackConfig {
  const parsed = parseConfig({ environment: "dev", ...settings }, "us-east-1");
  return { ...parsed, root, pipelineSpecs, git: { commit: "0123456789abcdef", dirty: false } };
}

/** Runs the program with a configuration. */
export function runStack(config: StackConfig): Promise<Recording> {
  return record(() => createStack(config));
}
