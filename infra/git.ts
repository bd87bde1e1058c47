/** The deployed git version, which becomes part of every model's lineage. */
import { execFileSync } from "node:child_process";

/** A commit, and whether the working tree had uncommitted changes. */
export interface GitVersion {
  commit: string;
  dirty: boolean;
}

function git(root: string, ...args: string[]): string {
  return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** Reads the version of a checkout. Outside a checkout the commit is `unknown` and counts as dirty. */
export function readGitVersion(root: string): GitVersion {
  try {
    return { commit: git(root, "rev-parse", "HEAD"), dirty: git(root, "status", "--porcelain") !== "" };
  } catch {
    return { commit: "unknown", dirty: true };
  }
}
