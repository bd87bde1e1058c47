/** Measures how long a saved change takes to be live in a running local cloud. */
import { appendFileSync, cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { CloudAddress } from "@daybreak/local";
import { localConfig } from "../cli/shared/deployment";
import { repositoryRoot } from "../cli/shared/paths";

const sources = ["contracts", "glue-scripts", "infra", "lambdas", "local", "model", "pipelines", "spec"];
const files = ["package.json", "tsconfig.json"];

/** The text appended to a file to change what is deployed from it. */
const changes = [
  { name: "a changed Lambda", file: "lambdas/serve-start/handler.ts", text: '\nexport const measured = "bench";\n' },
  { name: "a changed SQL file", file: "pipelines/{pipeline}/features.sql", text: "\n-- measured\n" },
  { name: "a changed Glue script", file: "glue-scripts/transform.py", text: "\n# measured\n" },
] as const;

export interface Update {
  name: string;
  seconds: number;
}

/**
 * Deploys a copy of the repository and then one change after the other.
 *
 * @param folder an empty folder for the copy and the deployment's state
 * @returns the seconds from each change until its deployment has ended
 * @throws Error if a change alters no resource
 */
export async function measureUpdates(cloud: CloudAddress, folder: string, pipeline: string): Promise<Update[]> {
  const copy = join(folder, "repository");
  mkdirSync(copy, { recursive: true });
  for (const path of [...sources, ...files]) {
    cpSync(join(repositoryRoot, path), join(copy, path), {
      recursive: true,
      filter: (source) => !/\/(node_modules|test|__pycache__)$/.test(source),
    });
  }
  symlinkSync(join(repositoryRoot, "node_modules"), join(copy, "node_modules"));
  // The copy's own deployer, which bundles the copy's sources.
  const { deploy } = (await import(join(copy, "local", "index.ts"))) as typeof import("@daybreak/local");
  const update = () =>
    deploy({
      cloud,
      folder: join(folder, "deploy"),
      config: localConfig([pipeline], join(copy, "pipelines")),
      stack: "dev",
      onProgress: () => undefined,
    });
  await update();
  const updates: Update[] = [];
  for (const { name, file, text } of changes) {
    appendFileSync(join(copy, file.replace("{pipeline}", pipeline)), text);
    const start = performance.now();
    const { summary } = await update();
    const seconds = (performance.now() - start) / 1000;
    if (summary.updated + summary.created === 0) throw new Error(`${name} (${file}) changed no resource.`);
    updates.push({ name, seconds });
  }
  return updates;
}
