/**
 * Installs what the lock files name, each part only when its lock file changed since. `npm run setup` runs it by
 * itself; every other command runs it first. It needs no package, since it is what installs them.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findPython } from "./find-python.mjs";
import { javaHome } from "./java.mjs";
import { withLock } from "./lock.mjs";
import { HOME } from "./paths.mjs";
import { checkNode, preflightSetup } from "./preflight.mjs";
import { Problem } from "./problem.mjs";
import { Progress } from "./progress.mjs";
import { isCurrent, removeStamp, writeStamp } from "./stamp.mjs";
import { exampleData } from "./steps/example-data.mjs";
import { nodePackages } from "./steps/node-packages.mjs";
import { pythonPackages } from "./steps/python-packages.mjs";
import { sparkJars } from "./steps/spark-jars.mjs";

const STEPS = [nodePackages, pythonPackages, sparkJars, exampleData];

const isDone = (step) => isCurrent(step.stamp, step.hash());

async function runStep(step, progress) {
  if (isDone(step)) return;
  progress.start(step.title);
  try {
    // Without its stamp, a step that is interrupted from here on runs again next time.
    removeStamp(step.stamp);
    const hash = step.hash();
    await step.run();
    writeStamp(step.stamp, hash);
    progress.done(step.title);
  } catch (error) {
    progress.failed(step.title);
    throw error;
  }
}

async function runAll(progress) {
  const outcomes = await Promise.allSettled([
    runStep(nodePackages, progress),
    // The jars are fetched with what PySpark brings, the data with the environment's pip.
    runStep(pythonPackages, progress).then(() =>
      Promise.all([runStep(sparkJars, progress), runStep(exampleData, progress)]),
    ),
  ]);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Makes sure that everything is installed; takes milliseconds when it is. */
export async function ensureSetup() {
  checkNode();
  if (!STEPS.every(isDone)) {
    preflightSetup();
    // Asked for now, so that a missing Python is said before minutes of downloads.
    if (!isDone(pythonPackages)) findPython();
    const progress = new Progress();
    const started = Date.now();
    progress.note("Setting up (once; kept in node_modules/ and .daybreak/)");
    await withLock(
      join(HOME, "setup.lock"),
      (pid) => progress.note(`Another setup is running (process ${pid}); waiting for it`),
      () => runAll(progress),
    );
    progress.note(`Ready after ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return { javaHome: javaHome() };
}

/** Shows a failure: a Problem as it is, anything else with its stack. */
export function showFailure(error) {
  process.stderr.write(`\n${error instanceof Problem ? `Error: ${error.message}` : error.stack}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await ensureSetup();
    process.stderr.write("Everything is installed.\n");
  } catch (error) {
    showFailure(error);
    process.exitCode = 1;
  }
}
