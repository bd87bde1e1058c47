/** The folders of the repository and of its runs, and paths as people type and read them. */
import { join, resolve } from "node:path";

export const repositoryRoot = resolve(__dirname, "..", "..");
export const daybreakHome = join(repositoryRoot, ".daybreak");
export const exampleDataFolder = join(daybreakHome, "data");

/** The folder of everything that a pipeline's demo made. */
export const pipelineHome = (pipeline: string): string => join(daybreakHome, pipeline);

/** A path as typed: relative to where npm was called, which npm hides by changing to the repository. */
export function typedPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** A path as a reader at the repository's root would type it. */
export function shownPath(path: string): string {
  return path.startsWith(`${repositoryRoot}/`) ? path.slice(repositoryRoot.length + 1) : path;
}
