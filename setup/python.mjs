/** Runs the Python of the repository's virtual environment: `node setup/python.mjs -m ruff check .` */
import { spawnSync } from "node:child_process";
import { runtimeEnvironment } from "./environment.mjs";
import { showFailure } from "./failure.mjs";
import { PYTHON, ROOT } from "./paths.mjs";
import { ensureSetup } from "./setup.mjs";

try {
  await ensureSetup();
  const { status, signal } = spawnSync(PYTHON, process.argv.slice(2), {
    cwd: ROOT,
    stdio: "inherit",
    env: runtimeEnvironment(),
  });
  process.exitCode = status ?? (signal ? 1 : 0);
} catch (error) {
  showFailure(error);
}
