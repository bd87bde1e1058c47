/** Folders of the repository and of its runs; conversion of paths that users type and read. */
import { join, resolve } from "node:path";

export const repositoryRoot = resolve(__dirname, "..", "..");
export const daybreakHome = join(repositoryRoot, ".daybreak");
export const exampleDataFolder = join(daybreakHome, "data");

/** The folder of a pipeline's reports, and of rows that could not be sent. */
export const pipelineHome = (pipeline: string): string => join(daybreakHome, pipeline);

/** Resolves a path that the user typed. npm changes to the repository's root, so it is relative to INIT_CWD. */
export function typedPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** A path relative to the repository's root, for messages. */
export function shownPath(path: string): string {
  return path.startsWith(`${repositoryRoot}/`) ? path.slice(repositoryRoot.length + 1) : path;
}
