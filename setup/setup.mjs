/**
 * Installs the dependencies in the lock files. A step runs only if its lock file has changed. `npm run setup` runs this
 * alone; all other commands run it first. It must not import any package, because it installs them.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { showFailure } from "./failure.mjs";
import { findPython } from "./find-python.mjs";
import { javaHome } from "./java.mjs";
import { withLock } from "./lock.mjs";
import { HOME } from "./paths.mjs";
import { checkNode, preflightSetup } from "./preflight.mjs";
import { Progress } from "./progress.mjs";
import { isCurrent, removeStamp, writeStamp } from "./stamp.mjs";
import { exampleData } from "./steps/example-data.mjs";
import { nodePackages } from "./steps/node-packages.mjs";
import { pythonPackages } from "./steps/python-packages.mjs";
import { sparkJars } from "./steps/spark-jars.mjs";

export const STEPS = [nodePackages, pythonPackages, sparkJars, exampleData];

const isDone = (step) => isCurrent(step.stamp, step.hash());

/** Runs a step, unless it has run for its lock file. */
export async function runStep(step, progress) {
  if (isDone(step)) return;
  progress.start(step.title);
  try {
    // Without a stamp, an interrupted step runs again next time.
    removeStamp(step.stamp);
    const hash = step.hash();
    await step.run();
    writeStamp(step.stamp, hash);
    progress.done(step.title);
  } catch (error) {
    progress.failed(step.title, error.exitCode > 128 ? "–" : "✗");
    throw error;
  }
}

async function runAll(progress) {
  const outcomes = await Promise.allSettled([
    runStep(nodePackages, progress),
    // Both need the Python environment: the jars are downloaded with PySpark's Ivy, the data with pip.
    runStep(pythonPackages, progress).then(() =>
      Promise.all([runStep(sparkJars, progress), runStep(exampleData, progress)]),
    ),
  ]);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** What setup would install now. */
export const missingSteps = () => STEPS.filter((step) => !isDone(step)).map(({ title }) => title);

/** Whether the packages are installed that the command line itself needs. */
export const canStart = () => isDone(nodePackages);

/** Installs whatever is missing or out of date. Takes milliseconds if there is nothing to do. */
export async function ensureSetup() {
  checkNode();
  if (!STEPS.every(isDone)) {
    preflightSetup();
    // Reports a missing Python before minutes of downloads.
    if (!isDone(pythonPackages)) findPython();
    const progress = new Progress();
    const started = Date.now();
    progress.note("Installing dependencies into node_modules/ and .daybreak/");
    await withLock(
      join(HOME, "setup.lock"),
      (pid) => progress.note(`Waiting for another setup to finish (process ${pid})`),
      () => runAll(progress),
    );
    progress.note(`Setup finished in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return { javaHome: javaHome() };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // Without await at the top level, because the TypeScript commands load this module with require.
  ensureSetup().then(() => process.stderr.write("Setup is complete.\n"), showFailure);
}
