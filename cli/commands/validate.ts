import type { Command } from "commander";
import { listPipelines } from "../../spec/load";
import { printResult, say } from "../shared/output";
import { typedPath } from "../shared/paths";
import { UsageProblem } from "../shared/problem";
import { checkSql } from "../shared/sql";
import { jsonOption, pipelinesOption, readPipeline } from "./options";

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
    .action(async (names: string[], options: { pipelines: string; sql: boolean; json: boolean }) => {
      const folder = typedPath(options.pipelines);
      const chosen = names.length > 0 ? names : listPipelines(folder);
      if (chosen.length === 0)
        throw new UsageProblem(`There is no pipeline in ${folder}.`, "A pipeline is a folder with a pipeline.yaml.");
      const checked: { pipeline: string; features: number; valid: boolean }[] = [];
      for (const name of chosen) {
        const spec = readPipeline(folder, name);
        if (options.sql) {
          say(`Checking the SQL of ${name}`);
          await checkSql(spec);
        }
        checked.push({ pipeline: name, features: Object.keys(spec.features.columns).length, valid: true });
      }
      printResult(checked, options, (all) =>
        all.map(({ pipeline, features }) => `✓ ${pipeline}: ${features} features`).join("\n"),
      );
    });
}
