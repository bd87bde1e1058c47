import type { Command } from "commander";
import { pipelineNames } from "../../infra/names";
import { predict } from "../demo/traffic";
import { clients } from "../shared/clients";
import { printResult } from "../shared/output";
import { typedPath } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import { connect } from "../shared/session";
import { awsOption, environmentOption, jsonOption, pipelinesOption, readPipeline, type StackOptions } from "./options";

export function addPredict(program: Command): void {
  program
    .command("predict <pipeline> <entity>")
    .description("predict for one entity with the serving model")
    .addOption(pipelinesOption())
    .addOption(environmentOption())
    .addOption(awsOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  npx daybreak predict cdnow 00004")
    .action(async (pipeline: string, entity: string, options: StackOptions & { pipelines: string }) => {
      const spec = readPipeline(typedPath(options.pipelines), pipeline);
      const names = pipelineNames(await connect(options), pipeline);
      const answer = await predict(clients.lambda(), `${names.prefix}-serve-predict`, entity);
      if (!answer.ok) {
        throw new CommandProblem(
          `No prediction for ${spec.entity} ${entity}: ${answer.error}`,
          `A prediction needs features of the entity and a serving version: npx daybreak models ${pipeline}`,
        );
      }
      printResult(answer.prediction, options, ({ score, positive, features_as_of, version }) => {
        const says = positive ? spec.label.name : `not ${spec.label.name}`;
        return `${entity}: ${says}, score ${score.toFixed(4)} (v${version ?? "?"}, features as of ${features_as_of})`;
      });
    });
}
