/** Lets Spark analyse a pipeline's SQL, without a cloud and without data. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { python, pythonPathEnvironment, repositoryRoot } from "../../cli/shared/paths";
import { CommandProblem, messageOf, UsageProblem } from "../../cli/shared/problem";
import type { PipelineSpec } from "../../spec/pipeline";

const run = promisify(execFile);

const answer = z.object({
  ok: z.boolean(),
  errors: z.array(
    z.looseObject({
      file: z.string(),
      message: z.string(),
      line: z.number().optional(),
      column: z.number().optional(),
    }),
  ),
});

/**
 * Checks features.sql, label.sql and the rules' expressions: syntax, columns, types, and tables that they must not name.
 *
 * @throws UsageProblem with what Spark says of each
 */
export async function checkSql(spec: PipelineSpec): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "daybreak-validate-"));
  try {
    const file = join(folder, "spec.json");
    writeFileSync(file, JSON.stringify(spec));
    const { ok, errors } = await validate(file);
    if (ok) return;
    const list = errors.map(({ file: name, message }) => `- ${name}: ${message}`).join("\n");
    throw new UsageProblem(
      `The SQL of the pipeline ${spec.name} does not fit its pipeline.yaml:\n${list}`,
      "Mend the SQL, or the columns in pipeline.yaml.",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function validate(file: string): Promise<z.infer<typeof answer>> {
  try {
    const { stdout } = await run(python, ["-m", "daybreak_local.spark.validate", file], {
      cwd: repositoryRoot,
      env: { ...process.env, ...pythonPathEnvironment },
    });
    return answer.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  } catch (error) {
    throw new CommandProblem(`The SQL could not be checked: ${messageOf(error)}`, "Run `npm run setup` once more.");
  }
}
