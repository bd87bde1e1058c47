/** The processes of a local cloud: found by what they run, and killed without a chance to clean up. */
import { execFileSync } from "node:child_process";
import { treeOf } from "../cli/clouds/processes";
import { CommandProblem, codeOf } from "../cli/shared/problem";

export interface Process {
  pid: number;
  parent: number;
  /** When it started: the same number with another start is another process. */
  started: string;
  command: string;
}

/** Each running process of this machine. */
export function runningProcesses(): Process[] {
  try {
    const rows = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,lstart=,command="], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      maxBuffer: 64 * 1024 * 1024,
    });
    return parseProcesses(rows);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    throw new CommandProblem("The command ps is not installed.", "Install it; on Debian it is in the package procps.");
  }
}

/** Reads the rows of `ps -o pid=,ppid=,lstart=,command=`. */
export function parseProcesses(rows: string): Process[] {
  return rows.split("\n").flatMap((row) => {
    const [, pid, parent, started, command] =
      /^\s*(\d+)\s+(\d+)\s+(\S+\s+\S+\s+\d+\s+\S+\s+\d+)\s+(.*)$/.exec(row) ?? [];
    if (pid === undefined || parent === undefined || started === undefined || command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), started, command }];
  });
}

/** The descendants of a process. */
export const descendantsOf = (root: number, processes: readonly Process[]): Process[] =>
  treeOf(root, processes).slice(1);

/** What can be killed, by the command that it runs. */
const signs = {
  "Spark JVM": /\bjava\b.*org\.apache\.spark\.deploy\.SparkSubmit/,
  "Spark driver": /-m daybreak_local\.spark\.worker\b/,
  "PySpark daemon": /-m pyspark\.daemon\b/,
  "training process": /^(?!.*supervise\.py).*-m train\b/,
  "evaluation process": /^(?!.*supervise\.py).*\/evaluate\.py\b/,
  "model server": /-m gunicorn\b|gunicorn:|\/gunicorn\b/,
} as const;
export type Kind = keyof typeof signs;

/** The processes of a kind among the descendants of the cloud. */
export function ofKind(kind: Kind, tree: readonly Process[]): Process[] {
  return tree.filter(({ command }) => signs[kind].test(command));
}

/** Those of a kind that are children of another of that kind: the workers of a daemon or of a server. */
export function workersOf(kind: Kind, tree: readonly Process[]): Process[] {
  const all = ofKind(kind, tree);
  const pids = new Set(all.map(({ pid }) => pid));
  return all.filter(({ parent }) => pids.has(parent));
}

/** Those of a kind that are no children of another: the daemons, the servers' masters. */
export function mastersOf(kind: Kind, tree: readonly Process[]): Process[] {
  const workers = new Set(workersOf(kind, tree));
  return ofKind(kind, tree).filter((one) => !workers.has(one));
}

/** The Node processes that run a Lambda. */
export function lambdaWorkers(functionName: string, tree: readonly Process[]): Process[] {
  return tree.filter(({ command }) => command.includes(`ministack-lambda-${functionName}-`));
}

/** Sends a signal; false if the process has ended. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
    throw error;
  }
}

/** Those of the given processes that still run. A zombie has ended. */
export function stillRunning(known: readonly Process[], now: readonly Process[] = runningProcesses()): Process[] {
  const running = new Map(now.map((one) => [one.pid, one]));
  return known.filter(({ pid, started }) => {
    const one = running.get(pid);
    return one !== undefined && one.started === started && !one.command.endsWith("<defunct>");
  });
}
