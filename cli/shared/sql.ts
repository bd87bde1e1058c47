/** Checks a pipeline's SQL with Spark's analyzer, without a cloud and without data. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInSpark } from "@daybreak/local";
import { z } from "zod";
import type { PipelineSpec } from "../../spec/pipeline";
import { repositoryRoot } from "./paths";
import { UsageProblem } from "./problem";

/** The output of glue-scripts/validate_sql.py. */
const answer = z.object({ errors: z.array(z.looseObject({ file: z.string(), message: z.string() })) });

/**
 * Checks features.sql, label.sql and the rules' expressions: syntax, columns, types, and forbidden tables.
 *
 * @throws UsageProblem with Spark's message for each problem
 */
export async function checkSql(spec: PipelineSpec): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "daybreak-validate-"));
  try {
    const file = join(folder, "spec.json");
    writeFileSync(file, JSON.stringify(spec));
    const text = await runInSpark(join(repositoryRoot, "glue-scripts", "validate_sql.py"), file);
    const { errors } = answer.parse(JSON.parse(text.trim().split("\n").at(-1) ?? ""));
    if (errors.length === 0) return;
    const list = errors.map(({ file: name, message }) => `- ${name}: ${message}`).join("\n");
    throw new UsageProblem(
      `The SQL of the pipeline ${spec.name} does not fit its pipeline.yaml:\n${list}`,
      "Correct the SQL, or the columns in pipeline.yaml.",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
