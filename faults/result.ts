/** What a run of the faults found, as JSON and as text. */
import { duration, table } from "../cli/shared/output";
import { type Difference, describeDifference } from "./compare";

export interface FaultResult {
  fault: string;
  stage: string;
  title: string;
  step: string;
  /** How long the step took, with everything that repeated it. */
  seconds: number;
  /** What was done; null if its condition never occurred. */
  struck: string | null;
  /** The failures that the user saw. */
  saw: string[];
  retried_by: string[];
  /** The end of the step, compared with the fault-free one. */
  differences: Difference[];
  /** Processes that should have ended with what was killed. */
  left_running: string[];
  end_equal: boolean;
}

export interface PassResult {
  pass: number;
  /** Why the loop could not go on; null if it came to its end. */
  stopped: string | null;
  differences: Difference[];
}

export interface Result {
  ok: boolean;
  seconds: number;
  faults: FaultResult[];
  /** The comparison at the end of each pass. */
  passes: PassResult[];
  /** Processes that were still running after the local cloud had ended. */
  left_running: string[];
}

/** A text on one line, shortened to a length. */
export function oneLine(text: string, longest: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}

const causeShown = 400;

/** A fault in one line, and below it whatever differs. */
export function describeFault(result: FaultResult): string {
  const { stage, fault, struck, saw, retried_by, left_running } = result;
  const causes = [...new Set(saw)].map((cause) => oneLine(cause, causeShown)).join(" / ");
  const facts = [
    `${stage} (${fault}): ${struck === null ? "NOT STRUCK: its condition never occurred" : struck}`,
    `the user saw ${causes === "" ? "nothing" : causes}`,
    `retried by ${retried_by.join(", then ") || "nobody"}`,
    `end equal: ${result.end_equal ? "yes" : "NO"}`,
  ];
  const left = left_running.map((one) => `left running: ${one}`);
  return [
    facts.join("; "),
    ...[...result.differences.flatMap(describeDifference), ...left].map((line) => `    ${line}`),
  ].join("\n");
}

/** The table at the end. */
export function describeResult(result: Result): string {
  const rows = result.faults.map(({ stage, title, seconds, retried_by, saw, struck, end_equal }) => [
    stage,
    title,
    struck === null
      ? "not struck"
      : retried_by.length > 0
        ? retried_by.map((by) => by.split(":")[0]).join(", ")
        : saw.length > 0
          ? "nobody"
          : "nothing to retry",
    duration(seconds),
    end_equal ? "yes" : "NO",
  ]);
  const passes = result.passes.flatMap(({ pass, stopped, differences }) => [
    ...(stopped === null ? [] : [`Pass ${pass} stopped: ${stopped}`]),
    ...differences.flatMap(describeDifference).map((line) => `Pass ${pass}, whole loop: ${line}`),
  ]);
  const equal = result.faults.filter(({ end_equal }) => end_equal).length;
  return [
    "",
    table(["stage", "fault", "retried by", "step took", "end equal"], rows),
    "",
    ...passes,
    ...result.left_running.map((one) => `Left running after the local cloud had ended: ${one}`),
    `${equal} of ${result.faults.length} faults ended as the fault-free loop, in ${duration(result.seconds)}.`,
  ].join("\n");
}
