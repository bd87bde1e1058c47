/** The program with every pipeline of the repository, recorded: what the checks of all resources look at. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { peopleRoles } from "../../../infra/people/settings";
import { listPipelines, loadPipeline } from "../../../spec/load";
import type { Recording } from "./record";
import { root } from "./root";
import { makeSpec } from "./spec";
import { makeConfig, runStack } from "./stack";

/** The settings of an environment whose models GitHub deploys. */
export const githubSettings = {
  serving: { trigger: "github" },
  github: { repository: "acme/shop" },
};

/** The environments that have settings, `Pulumi.<environment>.yaml`. */
export const environments = readdirSync(root).flatMap((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1] ?? []);

/** The keys of an environment's settings, and their values. */
export function settingsOf(environment: string): Record<string, unknown> {
  const { config } = parse(readFileSync(join(root, `Pulumi.${environment}.yaml`), "utf8"));
  return config;
}

/** Those of the program itself, without their prefix. */
export function programSettings(environment: string): Record<string, unknown> {
  const prefix = "daybreak:";
  const own = Object.entries(settingsOf(environment)).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

/**
 * The repository's pipelines, and one with what they leave out: approval without a reviewer, and one instance.
 *
 * @param settings if they name an environment, the stack has that name, too
 */
export function wholeProgram(settings: Record<string, unknown> = {}): Promise<Recording> {
  const folder = join(root, "pipelines");
  const specs = listPipelines(folder).map((name) => loadPipeline(join(folder, name)));
  const automatic = makeSpec("automatic", { approval: { mode: "automatic" } });
  const staff = ["arn:aws:iam::123456789012:role/staff"];
  const people = { ...Object.fromEntries(peopleRoles.map((role) => [role, staff])), separateDuties: true };
  const promotion = { from: { environment: "before" }, to: [{ environment: "after", account: "444455556666" }] };
  const alertEmails = ["team@example.org"];
  const config = makeConfig([...specs, automatic], { alertEmails, people, promotion, ...settings });
  return runStack(config, settings.environment === undefined ? undefined : config.environment);
}
