import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "../command.mjs";
import { findPython } from "../find-python.mjs";
import { PYTHON, PYTHON_ENVIRONMENT, ROOT } from "../paths.mjs";
import { hashOf } from "../stamp.mjs";

const INSTALLER = join(ROOT, "setup", "installer.lock");
const PACKAGES = join(ROOT, "requirements.lock");

/** Whether the existing virtual environment works. Moving or upgrading its base interpreter breaks it. */
function environmentWorks() {
  return existsSync(PYTHON) && spawnSync(PYTHON, ["-m", "pip", "--version"]).status === 0;
}

/** Creates a virtual environment with exactly the packages in requirements.lock and verifies their hashes. */
export const pythonPackages = {
  title: "Python packages",
  stamp: join(PYTHON_ENVIRONMENT, ".daybreak-stamp"),
  hash: () => hashOf(readFileSync(PACKAGES, "utf8"), process.platform, process.arch),
  run: async () => {
    if (!environmentWorks()) {
      const python = findPython();
      await runLogged("python-environment", python.path, ["-m", "venv", "--clear", PYTHON_ENVIRONMENT]);
    }
    const uv = join(PYTHON_ENVIRONMENT, "bin", "uv");
    await runLogged("python-installer", PYTHON, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--require-hashes",
      "-r",
      INSTALLER,
    ]);
    await runLogged(
      "python",
      uv,
      ["pip", "sync", "--python", PYTHON, "--require-hashes", "--compile-bytecode", PACKAGES],
      {
        env: { VIRTUAL_ENV: PYTHON_ENVIRONMENT },
      },
    );
  },
};
