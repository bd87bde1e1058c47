/** Replaces the pipeline.json that the deployment puts beside a Lambda's code. */
import fs from "node:fs";
import { jest } from "@jest/globals";
import type { PipelineSpec } from "../../../spec/pipeline";

// Once: a second call would find the replacement, which would then call itself.
const readFileSync = fs.readFileSync;

/** Makes every read of a pipeline.json return this spec. */
export function bundlePipeline(spec: PipelineSpec): void {
  jest
    .spyOn(fs, "readFileSync")
    .mockImplementation(((path: fs.PathOrFileDescriptor, options: never) =>
      String(path).endsWith("pipeline.json")
        ? JSON.stringify(spec)
        : readFileSync(path, options)) as typeof readFileSync);
}
