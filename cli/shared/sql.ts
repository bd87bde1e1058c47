import { sqlErrors } from "@daybreak/local";
import type { PipelineSpec } from "../../spec/pipeline";
import { UsageProblem } from "./problem";

/**
 * Checks features.sql, label.sql and the rules' expressions: syntax, columns, types, and tables that they must not name.
 *
 * @throws UsageProblem with what Spark says of each
 */
export async function checkSql(spec: PipelineSpec): Promise<void> {
  const errors = await sqlErrors(spec);
  if (errors.length === 0) return;
  const list = errors.map(({ file, message }) => `- ${file}: ${message}`).join("\n");
  throw new UsageProblem(
    `The SQL of the pipeline ${spec.name} does not fit its pipeline.yaml:\n${list}`,
    "Correct the SQL, or the columns in pipeline.yaml.",
  );
}
