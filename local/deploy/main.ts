/**
 * Deploys the stack from the command line: `node local/deploy/start.cjs --endpoint URL --state FILE --config FILE.json --stack dev`
 * (or, more slowly, `tsx local/deploy/main.ts …`).
 * Prints progress, outputs and errors to stdout, one JSON event per line.
 */
import "./environment";
import { resolve } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { deploy, type Program } from "./deploy";
import { DeploymentError } from "./errors";
import { readJson } from "./json-file";

const configSchema = z.record(z.string(), z.string());
const CONFIG_ADVICE =
  'Write a JSON object of strings, such as {"daybreak:pipelines": "[\\"cdnow\\"]"}; lists and objects are JSON in a string.';
const optionsSchema = z.object({
  endpoint: z.url(),
  state: z.string(),
  config: z.string(),
  stack: z.string(),
  project: z.string(),
  program: z.string(),
  preview: z.boolean().default(false),
  yes: z.boolean().default(false),
});

/** The exports required of a program module. */
const programModule = z.object({ program: z.custom<Program>((value) => typeof value === "function") });

async function main(): Promise<void> {
  const options = optionsSchema.parse(
    new Command("deploy")
      .requiredOption("--endpoint <url>", "the local cloud, e.g. http://127.0.0.1:4566")
      .requiredOption("--state <file>", "the deployment's state file (JSON)")
      .requiredOption("--config <file>", "the stack's configuration: a JSON object with full keys and string values")
      .option("--stack <name>", "the stack", "dev")
      .option("--project <name>", "the project", "daybreak")
      .option("--program <module>", "a module that exports `program`", resolve(__dirname, "program.ts"))
      .option("--preview", "only print the plan")
      .option("--yes", "deploy even if that loses data")
      .parse()
      .opts(),
  );
  const { state: statePath, config, ...others } = options;
  const settings = readJson(config, configSchema, "the configuration", CONFIG_ADVICE);
  const { program } = programModule.parse(await import(resolve(options.program)));
  const result = await deploy(program, { ...others, statePath, config: settings, onProgress: print });
  print({ type: "outputs", ...result });
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Exits without waiting for the event loop: after a failure, the program's pending promises never settle. */
function exitWith(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

main().then(
  () => exitWith(0),
  (error: unknown) => {
    const facts = error instanceof DeploymentError ? error.facts : {};
    print({ type: "error", message: error instanceof Error ? error.message : String(error), ...facts });
    exitWith(1);
  },
);
