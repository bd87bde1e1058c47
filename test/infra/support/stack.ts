/** Runs the Pulumi program with a test configuration. */
import { parseConfig, type StackConfig } from "../../../infra/config";
import { createStack } from "../../../infra/stack";
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Recording, record } from "./record";
import { root } from "./root";

/** A configuration of the environment `dev`, with some settings replaced. */
export function makeConfig(
  pipelineSpecs: readonly PipelineSpec[],
  settings: Record<string, unknown> = {},
): StackConfig {
  const parsed = parseConfig({ environment: "dev", ...settings }, "us-east-1");
  return { ...parsed, root, pipelineSpecs, git: { commit: "0123456789abcdef", dirty: false } };
}

export function runStack(config: StackConfig, stack?: string): Promise<Recording> {
  return record(() => createStack(config), stack === undefined ? {} : { stack });
}
