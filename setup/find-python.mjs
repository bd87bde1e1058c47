/** Finds a supported Python (3.11 to 3.13) that can create virtual environments. */
import { spawnSync } from "node:child_process";
import { Problem } from "./problem.mjs";

const NAMES = ["python3.11", "python3", "python", "python3.12", "python3.13"];
const OLDEST = [3, 11];
/** The pinned numpy and pandas have no wheels for later versions. */
const NEWEST = [3, 13];
const PROBE =
  "import sys, importlib.util as u; print(sys.executable, *sys.version_info[:2], u.find_spec('venv') is not None and u.find_spec('ensurepip') is not None, sep='\\n')";

function probe(name) {
  const result = spawnSync(name, ["-c", PROBE], { encoding: "utf8" });
  if (result.status !== 0) return undefined;
  const [path, major, minor, canMakeEnvironments] = result.stdout.trim().split("\n");
  return { path, version: [Number(major), Number(minor)], canMakeEnvironments: canMakeEnvironments === "True" };
}

function isSupported([major, minor]) {
  return major === OLDEST[0] && minor >= OLDEST[1] && minor <= NEWEST[1];
}

/** @returns {{path: string, version: number[]}} */
export function findPython() {
  const names = process.env.DAYBREAK_PYTHON ? [process.env.DAYBREAK_PYTHON] : NAMES;
  const found = names.map(probe).filter((candidate) => candidate !== undefined);
  const supported = found.filter(({ version }) => isSupported(version));
  const usable = supported.find(({ canMakeEnvironments }) => canMakeEnvironments);
  if (usable !== undefined) return usable;
  const first = supported[0];
  if (first !== undefined) {
    throw new Problem(
      `Python ${first.version.join(".")} (${first.path}) lacks the modules venv or ensurepip.`,
      `Install them (Debian, Ubuntu: apt-get install python${first.version.join(".")}-venv) , then run the same command again.`,
    );
  }
  const seen = found.map(({ path, version }) => `${path} is ${version.join(".")}`).join(", ");
  throw new Problem(
    `Python ${OLDEST.join(".")} to ${NEWEST.join(".")} is required; ${seen || `none was found (looked for ${names.join(", ")})`}.`,
    "Install Python 3.11, or set DAYBREAK_PYTHON=/path/to/python3.11.",
  );
}
