/** Installs the checkers of test/policy/ into an environment of their own: checkov pins a boto3 that is older than ours. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./command.mjs";
import { showFailure } from "./failure.mjs";
import { HOME, PYTHON, PYTHON_ENVIRONMENT, ROOT } from "./paths.mjs";
import { Progress } from "./progress.mjs";
import { ensureSetup, runStep } from "./setup.mjs";
import { hashOf } from "./stamp.mjs";

const lock = join(ROOT, "setup", "policy-tools.lock");
const environment = join(HOME, "policy-tools");
const uv = join(PYTHON_ENVIRONMENT, "bin", "uv");

const policyTools = {
  title: "Checkers of policies",
  stamp: join(environment, ".daybreak-stamp"),
  hash: () => hashOf(readFileSync(lock, "utf8"), process.platform, process.arch),
  run: async () => {
    await runLogged("policy-tools", uv, ["venv", "--clear", "--quiet", "--python", PYTHON, environment]);
    const python = join(environment, "bin", "python");
    await runLogged("policy-tools", uv, ["pip", "sync", "--quiet", "--require-hashes", "--python", python, lock]);
  },
};

ensureSetup()
  .then(() => runStep(policyTools, new Progress()))
  .catch(showFailure);
