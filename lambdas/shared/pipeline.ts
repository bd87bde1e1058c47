/** The pipeline of a Lambda: the resolved spec, bundled with its code as pipeline.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PipelineSpec } from "../../spec/pipeline";
import { errorMessage, InvalidConfiguration } from "./errors";

/**
 * Reads the bundled spec. It was validated when it was bundled, so only its presence is checked here.
 *
 * @throws InvalidConfiguration if the file is missing or belongs to another pipeline
 */
export function readPipeline(expectedName: string, folder: string = __dirname): PipelineSpec {
  const path = join(folder, "pipeline.json");
  let spec: PipelineSpec;
  try {
    spec = JSON.parse(readFileSync(path, "utf8")) as PipelineSpec;
  } catch (error) {
    throw new InvalidConfiguration(`${path} should contain the pipeline's resolved spec: ${errorMessage(error)}`);
  }
  if (spec.name !== expectedName) {
    throw new InvalidConfiguration(`${path} is the spec of ${spec.name}, but DAYBREAK_PIPELINE says ${expectedName}`);
  }
  return spec;
}
