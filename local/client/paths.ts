import { join, relative, resolve } from "node:path";

export const localFolder = resolve(__dirname, "..");
const repositoryRoot = resolve(localFolder, "..");

/** The Python that set-up has made, and what it needs to find the package `daybreak_local`. */
export const python = join(repositoryRoot, ".daybreak", "python", "bin", "python");
export const pythonEnvironment = { PYTHONPATH: localFolder, PYTHONDONTWRITEBYTECODE: "1" };

/** A path as a reader at the repository's root would type it. */
export function shownPath(path: string): string {
  const inside = relative(repositoryRoot, path);
  return inside.startsWith("..") ? path : inside;
}
