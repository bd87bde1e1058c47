/** Options and checks that several commands share. */

import { join } from "node:path";
import { type Command, Option } from "commander";
import { findPipeline, loadPipeline } from "../../spec/load";
import type { PipelineSpec } from "../../spec/pipeline";
import { defaultPort, parsePort } from "../clouds/port";
import { repositoryRoot, typedPath } from "../shared/paths";
import { UsageProblem } from "../shared/problem";
import type { Target } from "../shared/session";

export const pipelinesFolder = join(repositoryRoot, "pipelines");

export const jsonOption = () => new Option("--json", "print the result as JSON on stdout").default(false);
export const pipelinesOption = () =>
  new Option("--pipelines <folder>", "the folder of the pipeline folders (default: pipelines/)");
/** The folder of the pipeline folders. The option has no default, so that suggested commands repeat it only where it was given. */
export const pipelinesIn = ({ pipelines }: { pipelines?: string | undefined }): string =>
  pipelines === undefined ? pipelinesFolder : typedPath(pipelines);
const portOf = (description: string) =>
  new Option("--port <number>", description).argParser((text: string) => parsePort(text));
/** The port at which a command starts a local cloud. */
export const portOption = () =>
  portOf(`the port of the local cloud on 127.0.0.1 (default: DAYBREAK_PORT, or ${defaultPort})`);
/** The port of a local cloud that is running. */
export const runningPortOption = () =>
  portOf("the local cloud at this port (default: DAYBREAK_PORT, or the one that is running)");

/** Adds the options of a command that talks to a stack. */
export function withStackOptions(command: Command): Command {
  return command
    .addOption(pipelinesOption())
    .addOption(
      new Option("--environment <name>", "the stack of this environment on AWS (default there: dev)").conflicts("port"),
    )
    .addOption(new Option("--aws", "use AWS even while a local cloud is running").default(false).conflicts("port"))
    .addOption(runningPortOption())
    .addOption(jsonOption());
}

/** The options of a command that talks to a stack. */
export interface StackOptions extends Target {
  pipelines?: string;
  json: boolean;
}

/** Parses a positive number, such as the value of --rate. */
export function parsePositive(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) return value;
    throw new UsageProblem(`${option} ${text} is not a number above 0.`);
  };
}

/** Parses a whole number above 0. */
export function parseCount(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value > 0) return value;
    throw new UsageProblem(`${option} ${text} is not a whole number above 0.`);
  };
}

/** Parses a day such as 1997-08-04. */
export function parseDay(option: string): (text: string) => string {
  return (text) => {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
    if (isDay) return text;
    throw new UsageProblem(`${option} ${text} is not a day.`, "Expected a date such as 1997-08-04.");
  };
}

/** Loads and validates the pipeline with this name. */
export function readPipeline(folder: string, name: string): PipelineSpec {
  return loadPipeline(findPipeline(folder, name));
}
