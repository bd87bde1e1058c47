/** Configurations to run the program with, and its runs, each made once. */
import { parseConfig, type StackConfig } from "../../../infra/config";
import { createStack } from "../../../infra/stack";
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Recording, record } from "./record";
import { root } from "./root";

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
