/** How the duration of a run's steps grows with the number of events: a measurement for each number, and the slopes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInSpark } from "@daybreak/local";
import * as z from "zod/mini";
import { repositoryRoot } from "../cli/shared/paths";
import { loadPipeline } from "../spec/load";

const measured = z.object({
  events: z.number(),
  transform_seconds: z.number(),
  quality_seconds: z.number(),
  features_seconds: z.number(),
  published: z.number(),
  peak_memory_bytes: z.number(),
});
export type Scale = z.infer<typeof measured>;

/** The total duration of a run's three steps. */
export const stepSeconds = (scale: Scale): number =>
  scale.transform_seconds + scale.quality_seconds + scale.features_seconds;

/** Seconds per additional million events since the previous measurement; undefined for the first. */
export function slope(scale: Scale, before: Scale | undefined): number | undefined {
  if (before === undefined) return undefined;
  return (stepSeconds(scale) - stepSeconds(before)) / ((scale.events - before.events) / 1e6);
}

/** Runs transform, quality and features for each of these numbers of simulated events, in one Spark session. */
export async function measureScale(numbers: readonly number[]): Promise<Scale[]> {
  // With the JVM's optimizing compiler, as on Glue. The local cloud turns it off, because small jobs are faster without.
  process.env._JAVA_OPTIONS = "-XX:TieredStopAtLevel=4";
  const folder = mkdtempSync(join(tmpdir(), "daybreak-scale-"));
  try {
    const spec = join(folder, "spec.json");
    writeFileSync(spec, JSON.stringify(loadPipeline(join(repositoryRoot, "pipelines", "shop-churn"))));
    const output = await runInSpark(join(repositoryRoot, "bench", "scale.py"), [spec, ...numbers.map(String)], (text) =>
      process.stderr.write(text),
    );
    return output
      .trim()
      .split("\n")
      .map((line) => measured.parse(JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
