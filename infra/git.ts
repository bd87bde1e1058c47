/** Which state of the repository is deployed: part of every model's lineage. */
import { execFileSync } from "node:child_process";

/** A commit, and whether files differed from it. */
export interface GitVersion {
  commit: string;
  dirty: boolean;
}

function git(root: string, ...args: string[]): string {
  return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** The version of a checkout; outside of one it is `unknown`, and counts as changed. */
export function readGitVersion(root: string): GitVersion {
  try {
    return { commit: git(root, "rev-parse", "HEAD"), dirty: git(root, "status", "--porcelain") !== "" };
  } catch {
    return { commit: "unknown", dirty: true };
  }
}
