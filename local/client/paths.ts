import { join, relative, resolve } from "node:path";

export const localFolder = resolve(__dirname, "..");
const repositoryRoot = resolve(localFolder, "..");

/** The Python environment that setup installed, and its path to the package `daybreak_local`. */
export const python = join(repositoryRoot, ".daybreak", "python", "bin", "python");
export const pythonEnvironment = { PYTHONPATH: localFolder, PYTHONDONTWRITEBYTECODE: "1" };

/** A path relative to the repository's root. */
export function shownPath(path: string): string {
  const inside = relative(repositoryRoot, path);
  return inside.startsWith("..") ? path : inside;
}
