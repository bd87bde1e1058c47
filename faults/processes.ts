/** The processes of a local cloud, classified by their commands. */
import { type RunningProcess, treeOf } from "../cli/clouds/processes";

/** The descendants of a process. */
export const descendantsOf = (root: number, processes: readonly RunningProcess[]): RunningProcess[] =>
  treeOf(root, processes).slice(1);

/** What can be killed, with the pattern of its command. */
const signs = {
  "Spark JVM": /\bjava\b.*org\.apache\.spark\.deploy\.SparkSubmit/,
  "Spark driver": /-m daybreak_local\.spark\.worker\b/,
  "PySpark daemon": /-m pyspark\.daemon\b/,
  "training process": /^(?!.*supervise\.py).*\/code\/train\.py\b/,
  "evaluation process": /^(?!.*supervise\.py).*\/evaluate\.py\b/,
  "scoring process": /^(?!.*supervise\.py).*\/score\.py\b/,
  "model server": /-m gunicorn\b|gunicorn:|\/gunicorn\b/,
} as const;
export type Kind = keyof typeof signs;

/** The processes of a kind among the descendants of the cloud. */
export function ofKind(kind: Kind, tree: readonly RunningProcess[]): RunningProcess[] {
  return tree.filter(({ command }) => signs[kind].test(command));
}

/** The processes of a kind whose parent is of that kind: the workers of a daemon or of a server. */
export function workersOf(kind: Kind, tree: readonly RunningProcess[]): RunningProcess[] {
  const all = ofKind(kind, tree);
  const pids = new Set(all.map(({ pid }) => pid));
  return all.filter(({ parent }) => pids.has(parent));
}

/** The processes of a kind whose parent is not: the daemons and the servers' masters. */
export function mastersOf(kind: Kind, tree: readonly RunningProcess[]): RunningProcess[] {
  const workers = new Set(workersOf(kind, tree));
  return ofKind(kind, tree).filter((one) => !workers.has(one));
}

/** The Node processes that run a Lambda. */
export function lambdaWorkers(functionName: string, tree: readonly RunningProcess[]): RunningProcess[] {
  return tree.filter(({ command }) => command.includes(`ministack-lambda-${functionName}-`));
}
