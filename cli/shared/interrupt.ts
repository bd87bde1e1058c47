import { setTimeout as sleep } from "node:timers/promises";
import { endChildren } from "@daybreak/local";
import { say } from "./output";
import { CommandProblem, exitCodes } from "./problem";

/** How long interrupted work has to clean up once its processes have ended. */
const settleMilliseconds = 1000;
/** Ctrl-C reaches child processes, too: work may fail because of it before the signal itself is seen. */
const signalMilliseconds = 100;

let isInterrupted = false;

/** Whether what fails now does so because the command was interrupted. */
export const wasInterrupted = (): boolean => isInterrupted;

/**
 * Runs `work`. Ctrl-C or SIGTERM ends every process that it has started, and then the command with exit code 130; errors
 * that this causes in `work` are not reported.
 *
 * @param what what was interrupted, such as "The demo"
 */
export async function endingOnSignal<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  isInterrupted = false;
  let onSignal = () => undefined;
  const signalled = new Promise<void>((resolve) => {
    onSignal = () => {
      isInterrupted = true;
      resolve();
      return undefined;
    };
  });
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const working = work();
    const failed = working.then(
      () => false,
      () => true,
    );
    if ((await Promise.race([failed, signalled])) === true) await Promise.race([signalled, sleep(signalMilliseconds)]);
    if (!isInterrupted) return await working;
    say("\nStopping everything that was started");
    await endChildren();
    await Promise.race([failed, sleep(settleMilliseconds)]);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
  const remedy = "To start over, run the same command again.";
  throw new CommandProblem(`${what} was interrupted.`, remedy, exitCodes.interrupted);
}
