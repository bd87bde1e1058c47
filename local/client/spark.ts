import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { track } from "./child";
import { localFolder, python, pythonEnvironment } from "./paths";
import { LocalProblem } from "./problem";

const run = promisify(execFile);

/** Runs a Python script in a separate Spark session, without a cloud; returns its stdout. `show` gets what it says on stderr. */
export async function runInSpark(
  script: string,
  args: readonly string[],
  show?: (text: string) => void,
): Promise<string> {
  try {
    const running = run(python, ["-m", "daybreak_local.spark.run", script, ...args], {
      cwd: localFolder,
      env: { ...process.env, ...pythonEnvironment },
    });
    track(running.child);
    if (show) running.child.stderr?.on("data", show);
    const { stdout } = await running;
    return stdout;
  } catch (error) {
    throw new LocalProblem(`${script} failed in Spark: ${String(error)}`, "Run `npm run setup` again.");
  }
}
