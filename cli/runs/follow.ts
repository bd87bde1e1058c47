/** Follows an execution, and shows the states that it goes through. Ctrl-C ends the command, not the execution. */
import { type Chosen, commandLine } from "../../lambdas/shared/command-line";
import { type FinishedExecution, followExecution } from "../shared/executions";
import { duration } from "../shared/output";
import { CommandProblem, exitCodes } from "../shared/problem";
import { ProgressLine } from "../shared/progress-line";
import { stateTitle } from "./states";

export interface Followed {
  arn: string;
  name: string;
  /** What is followed, such as "Run". */
  what: string;
}

export async function followShown({ arn, name, what }: Followed, chosen: Chosen): Promise<FinishedExecution> {
  const line = new ProgressLine();
  line.print(`${what} ${name} has started`);
  let shown = { title: "starting", since: Date.now() };
  const end = line.begin(() => shown.title);
  const finish = (mark: string) =>
    line.print(`${mark} ${shown.title}  (${duration((Date.now() - shown.since) / 1000)})`);
  const onState = (state: string) => {
    const title = stateTitle(state);
    if (title === shown.title) return;
    if (shown.title !== "starting") finish("✓");
    shown = { title, since: Date.now() };
  };
  const interruption = interrupted(
    `The command was interrupted. ${what} ${name} continues.`,
    `Follow it: ${commandLine(["show", name, "--follow"], chosen)}`,
  );
  try {
    const execution = await Promise.race([followExecution(arn, onState, interruption.signal), interruption.promise]);
    end();
    finish(execution.status === "SUCCEEDED" ? "✓" : "✗");
    return execution;
  } finally {
    end();
    interruption.stop();
  }
}

interface Interruption {
  /** Rejects on Ctrl-C. */
  promise: Promise<never>;
  signal: AbortSignal;
  stop: () => void;
}

function interrupted(message: string, remedy: string): Interruption {
  const controller = new AbortController();
  let onSignal = () => undefined as undefined;
  const promise = new Promise<never>((_, reject) => {
    onSignal = () => {
      controller.abort();
      reject(new CommandProblem(message, remedy, exitCodes.interrupted));
      return undefined;
    };
  });
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, onSignal);
  return {
    promise,
    signal: controller.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
