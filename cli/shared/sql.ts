/** Checks pipelines' SQL with Spark's analyzer, without a cloud and without data. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInSpark } from "@daybreak/local";
import { z } from "zod";
import type { PipelineSpec } from "../../spec/pipeline";
import { repositoryRoot } from "./paths";
import { UsageProblem } from "./problem";

const mistake = z.object({
  source: z.string(),
  key: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  line: z.optional(z.number()),
  column: z.optional(z.number()),
});
/** A mistake in a SQL file, or with `key` at that path of pipeline.yaml. */
export type SqlMistake = z.infer<typeof mistake>;

/** The output of glue-scripts/validate_sql.py. */
const answer = z.array(z.array(mistake));

/** The mistakes in the SQL, expressions and patterns of each pipeline, found in one Spark session. */
export async function sqlMistakes(specs: readonly PipelineSpec[]): Promise<SqlMistake[][]> {
  if (specs.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), "daybreak-validate-"));
  try {
    const files = specs.map((spec, position) => {
      const file = join(folder, `${position}.json`);
      writeFileSync(file, JSON.stringify(spec));
      return file;
    });
    const text = await runInSpark(join(repositoryRoot, "glue-scripts", "validate_sql.py"), files);
    return answer.parse(JSON.parse(text.trim().split("\n").at(-1) ?? ""));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Checks features.sql, label.sql and the rules' expressions and patterns of one pipeline.
 *
 * @throws UsageProblem with the message for each mistake
 */
export async function checkSql(spec: PipelineSpec): Promise<void> {
  const [mistakes = []] = await sqlMistakes([spec]);
  if (mistakes.length === 0) return;
  const list = mistakes
    .map(({ source, message, line, column }) => {
      const place = line === undefined ? "" : `:${line}:${column}`;
      return `- ${source}${place}: ${message}`;
    })
    .join("\n");
  throw new UsageProblem(
    `The SQL of the pipeline ${spec.name} does not fit its pipeline.yaml:\n${list}`,
    "Correct the SQL, or the columns in pipeline.yaml.",
  );
}
