/** Options and checks that several commands share. */

import { join } from "node:path";
import { type Command, Option } from "commander";
import { findPipeline, loadPipeline } from "../../spec/load";
import type { PipelineSpec } from "../../spec/pipeline";
import { repositoryRoot } from "../shared/paths";
import { UsageProblem } from "../shared/problem";

export const pipelinesFolder = join(repositoryRoot, "pipelines");

export const jsonOption = () => new Option("--json", "print the result as JSON on stdout").default(false);
export const environmentOption = () => new Option("--environment <name>", "the stack's environment").default("dev");
export const awsOption = () => new Option("--aws", "use AWS even while a local cloud is running").default(false);
export const pipelinesOption = () =>
  new Option("--pipelines <folder>", "the folder of the pipeline folders").default(pipelinesFolder, "pipelines/");
export const portOption = () =>
  new Option("--port <number>", "the port of the local cloud on 127.0.0.1")
    .env("DAYBREAK_PORT")
    .default(4566)
    .argParser(parsePort);

/** Adds the options of commands that use a deployed stack. */
export function withStackOptions(command: Command): Command {
  return command
    .addOption(pipelinesOption())
    .addOption(environmentOption())
    .addOption(awsOption())
    .addOption(jsonOption());
}

/** The options of commands that use a deployed stack. */
export interface StackOptions {
  pipelines: string;
  environment: string;
  aws: boolean;
  json: boolean;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageProblem(`--port ${text} is not a port.`, "Expected a number from 1 to 65535, such as 4600.");
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
