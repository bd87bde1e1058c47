/** Lets Spark analyse a pipeline's SQL, without a cloud and without data. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { localFolder, python, pythonEnvironment } from "./paths";
import { LocalProblem } from "./problem";

const run = promisify(execFile);

const sqlError = z.looseObject({
  file: z.string(),
  message: z.string(),
  line: z.number().optional(),
  column: z.number().optional(),
});
export type SqlError = z.infer<typeof sqlError>;

const answer = z.object({ ok: z.boolean(), errors: z.array(sqlError) });

/**
 * What Spark says against features.sql, label.sql and the rules' expressions of a pipeline's spec: syntax, columns, types, and
 * tables that they must not name. Empty when all is well.
 */
export async function sqlErrors(spec: object): Promise<SqlError[]> {
  const folder = mkdtempSync(join(tmpdir(), "daybreak-validate-"));
  try {
    const file = join(folder, "spec.json");
    writeFileSync(file, JSON.stringify(spec));
    const { stdout } = await run(python, ["-m", "daybreak_local.spark.validate", file], {
      cwd: localFolder,
      env: { ...process.env, ...pythonEnvironment },
    });
    return answer.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).errors;
  } catch (error) {
    throw new LocalProblem(`The SQL could not be checked: ${String(error)}`, "Run `npm run setup` once more.");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
