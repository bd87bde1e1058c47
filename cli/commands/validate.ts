import type { Command } from "commander";
import {
  findPipeline,
  type Inspection,
  inspectPipeline,
  listPipelines,
  PipelineError,
  problemInSql,
  problemInYaml,
} from "../../spec/load";
import type { Problem } from "../../spec/problems";
import { printResult, say } from "../shared/output";
import { UsageProblem } from "../shared/problem";
import { type SqlMistake, sqlMistakes } from "../shared/sql";
import { jsonOption, pipelinesIn, pipelinesOption } from "./options";

export function addValidate(program: Command): void {
  program
    .command("validate [pipeline...]")
    .description("check pipeline folders: the YAML against its schema, the SQL with Spark's analyzer")
    .option("--no-sql", "do not check the SQL, which takes several seconds to start Spark")
    .addOption(pipelinesOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npx daybreak validate              every pipeline\n  npx daybreak validate shop-churn",
    )
    .action(async (names: string[], options: { pipelines?: string; sql: boolean; json: boolean }) => {
      const folder = pipelinesIn(options);
      const chosen = names.length > 0 ? names : listPipelines(folder);
      if (chosen.length === 0)
        throw new UsageProblem(`There is no pipeline in ${folder}.`, "A pipeline is a folder with a pipeline.yaml.");
      const inspected = chosen.map((name) => inspect(folder, name));
      const problems = inspected.flatMap((one) => one.problems);
      if (options.sql) {
        const checkable = inspected.flatMap(({ path, checkable: spec }) =>
          spec === undefined ? [] : [{ path, spec }],
        );
        if (checkable.length > 0) say(`Checking the SQL of ${checkable.map(({ spec }) => spec.name).join(", ")}`);
        const mistakes = await sqlMistakes(checkable.map(({ spec }) => spec));
        problems.push(...checkable.flatMap(({ path }, position) => (mistakes[position] ?? []).map(problemIn(path))));
      }
      if (problems.length > 0) throw new PipelineError(problems);
      const checked = inspected.flatMap(({ checkable: spec }) =>
        spec === undefined
          ? []
          : [{ pipeline: spec.name, features: Object.keys(spec.features.columns).length, valid: true }],
      );
      printResult(checked, options, (all) =>
        all.map(({ pipeline, features }) => `✓ ${pipeline}: ${features} features`).join("\n"),
      );
    });
}

/** Inspects a pipeline by its name; one that does not exist must not hide the mistakes of the others. */
function inspect(folder: string, name: string): Inspection & { path: string } {
  try {
    const path = findPipeline(folder, name);
    return { path, ...inspectPipeline(path) };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { path: folder, problems: error.problems, checkable: undefined };
  }
}

/** A mistake that Spark found, at its place in the pipeline's folder. */
function problemIn(folder: string): (mistake: SqlMistake) => Problem {
  return ({ source, key, message, line, column }) => {
    if (key.length > 0) {
      const place = line === undefined ? "" : ` (line ${line}, column ${column} of the expression)`;
      return problemInYaml(folder, key, `${message}${place}`);
    }
    const position = line === undefined || column === undefined ? undefined : { line, column };
    return problemInSql(folder, source, position, message);
  };
}
