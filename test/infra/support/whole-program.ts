/** The program with every pipeline of the repository, recorded: what the checks of all resources look at. */
import { join } from "node:path";
import { listPipelines, loadPipeline } from "../../../spec/load";
import type { Recording } from "./record";
import { root } from "./root";
import { makeSpec } from "./spec";
import { makeConfig, runStack } from "./stack";

/** The settings of an environment whose models GitHub deploys. */
export const githubSettings = {
  serving: { trigger: "github" },
  github: { repository: "acme/shop", oidcSubject: "repo:acme@12/shop@34" },
};

/** The repository's pipelines, and one with what they leave out: approval without a reviewer. */
export function wholeProgram(settings: Record<string, unknown> = {}): Promise<Recording> {
  const folder = join(root, "pipelines");
  const specs = listPipelines(folder).map((name) => loadPipeline(join(folder, name)));
  const automatic = makeSpec("automatic", { approval: { mode: "automatic" } });
  return runStack(makeConfig([...specs, automatic], { alertEmails: ["team@example.org"], ...settings }));
}
