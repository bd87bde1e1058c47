/** Installs the checkers of test/policy/ into an environment of their own: checkov pins a boto3 that is older than ours. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./command.mjs";
import { showFailure } from "./failure.mjs";
import { HOME, PYTHON, PYTHON_ENVIRONMENT, ROOT } from "./paths.mjs";
import { ensureSetup } from "./setup.mjs";
import { hashOf, isCurrent, removeStamp, writeStamp } from "./stamp.mjs";

const lock = join(ROOT, "setup", "policy-tools.lock");
const environment = join(HOME, "policy-tools");
const stamp = join(environment, ".daybreak-stamp");
const uv = join(PYTHON_ENVIRONMENT, "bin", "uv");

async function install() {
  await ensureSetup();
  const hash = hashOf(readFileSync(lock, "utf8"), process.platform, process.arch);
  if (isCurrent(stamp, hash)) return;
  removeStamp(stamp);
  await runLogged("policy-tools", uv, ["venv", "--clear", "--quiet", "--python", PYTHON, environment]);
  const python = join(environment, "bin", "python");
  await runLogged("policy-tools", uv, ["pip", "sync", "--quiet", "--require-hashes", "--python", python, lock]);
  writeStamp(stamp, hash);
}

install().catch(showFailure);
