/** The port of a local cloud on 127.0.0.1, by which commands address it. */
import { DEFAULT_PORT } from "../../setup/paths.mjs";
import { UsageProblem } from "../shared/problem";

/** The port of a new cloud unless told otherwise. */
export const defaultPort = DEFAULT_PORT;

/** @param source what the text was given in, such as --port */
export function parsePort(text: string, source = "--port"): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageProblem(`${source} ${text} is not a port.`, "Expected a number from 1 to 65535, such as 4600.");
}

/** The port that was chosen with --port, or else with DAYBREAK_PORT. */
export function chosenPort(option: number | undefined): number | undefined {
  const { DAYBREAK_PORT } = process.env;
  if (option !== undefined || DAYBREAK_PORT === undefined || DAYBREAK_PORT === "") return option;
  return parsePort(DAYBREAK_PORT, "DAYBREAK_PORT");
}
