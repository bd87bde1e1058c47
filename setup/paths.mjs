/** Paths that setup writes to: node_modules/ and `.daybreak/`, both ignored by git. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const HOME = join(ROOT, ".daybreak");
export const LOGS = join(HOME, "logs");
export const NODE_MODULES = join(ROOT, "node_modules");
export const PYTHON_ENVIRONMENT = join(HOME, "python");
export const PYTHON = join(PYTHON_ENVIRONMENT, "bin", "python");
export const JARS = join(HOME, "jars");
export const EXAMPLE_DATA = join(HOME, "data", "cdnow");

/** The port of a local cloud if no other is given. */
export const DEFAULT_PORT = 4566;

/** The path relative to the repository's root, for messages. */
export function shown(path) {
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}
