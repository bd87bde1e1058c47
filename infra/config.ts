/** The stack's configuration: every key, its type, its default and its limits; and how it is read from Pulumi. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { findPipeline, listPipelines, loadPipeline } from "../spec/load";
import type { PipelineSpec } from "../spec/pipeline";
import { type GitVersion, readGitVersion } from "./git";
import { regionsWithImage, repositoryArn, xgboostImage } from "./image";

/** What CloudWatch Logs accepts. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 3653];

const pipelineName = z.string().regex(/^[a-z][a-z0-9-]{1,23}$/, "the name of a folder below pipelinesFolder");

const settingsSchema = z.strictObject({
  environment: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,6}$/, "must be 2 to 7 lower-case letters and digits, starting with a letter")
    .describe("Part of every name: dev, staging, prod."),
  pipelines: z
    .array(pipelineName)
    .min(1)
    .refine((names) => new Set(names).size === names.length, "must not name a pipeline twice")
    .optional()
    .describe("Which pipelines this environment runs; all of them when it is not said."),
  pipelinesFolder: z.string().min(1).default("pipelines").describe("Where the pipeline folders are."),
  alertEmails: z
    .array(z.email())
    .default([])
    .describe("Who gets every alert of the environment by e-mail, beside the addresses in the pipelines."),
  logRetentionDays: z
    .number()
    .refine((days) => retentionDays.includes(days), `must be one of ${retentionDays.join(", ")}`)
    .default(90)
    .describe("How long logs are kept."),
  protectData: z
    .boolean()
    .default(true)
    .describe("Whether Pulumi refuses to delete the lake, the keys and the feature groups, and buckets with objects."),
  streamShards: z
    .number()
    .int()
    .min(1)
    .max(500)
    .optional()
    .describe("Shards of each event stream; on-demand capacity when it is not said."),
  firehoseBufferSeconds: z
    .number()
    .int()
    .min(0)
    .max(900)
    .default(300)
    .describe("How long Firehose gathers events before it writes a file."),
  firehoseBufferMegabytes: z
    .number()
    .int()
    .min(1)
    .max(128)
    .default(64)
    .describe("How much Firehose gathers before it writes a file."),
  glueWorkers: z.number().int().min(2).max(100).default(2).describe("G.1X workers of each Glue job."),
  deploymentPollSeconds: z
    .number()
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe("How often the deployment workflow looks at the endpoint."),
  canaryWaitSeconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe("Takes the place of every pipeline's serving.canary_wait_seconds in this environment."),
  schedulesEnabled: z
    .boolean()
    .default(true)
    .describe("Whether the dawn runs and the drift checks start by themselves."),
  modelImage: z
    .string()
    .refine((image) => isEcrImage(image), "must be <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>")
    .optional()
    .describe("The image that trains, evaluates and serves, where AWS's own is not wanted or its account not known."),
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{7,40}$/, "must be a git commit: 7 to 40 hexadecimal digits")
    .optional()
    .describe("The commit that is deployed, where the program does not run inside a git checkout."),
});

/** The keys of the configuration as written in `Pulumi.<stack>.yaml`, below `daybreak:`. */
export type Settings = Omit<z.infer<typeof settingsSchema>, "modelImage"> & {
  region: string;
  modelImage: string;
};

/** Everything that `createStack` needs, read and checked. */
export interface StackConfig extends Settings {
  /** The repository, where `lambdas/`, `glue-scripts/` and `model/` are. */
  root: string;
  pipelineSpecs: readonly PipelineSpec[];
  git: GitVersion;
}

/** The configuration is wrong: every mistake, with its key, its value and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(readonly mistakes: readonly string[]) {
    super(`The stack's configuration is wrong:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}`);
  }
}

function isEcrImage(image: string): boolean {
  try {
    return repositoryArn(image).length > 0;
  } catch {
    return false;
  }
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    raw,
  );
}

function describe(issue: z.core.$ZodIssue, raw: unknown): string[] {
  const known = `The keys are ${Object.keys(settingsSchema.shape).join(", ")}.`;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `daybreak:${key} is not a key of this stack. ${known}`);
  }
  const key = `daybreak:${issue.path.map(String).join(".")}`;
  const value = valueAt(raw, issue.path);
  if (value === undefined) return [`${key} is missing: ${issue.message}.`];
  return [`${key} is ${JSON.stringify(value)}: ${issue.message}.`];
}

/**
 * Checks a configuration and fills in its defaults.
 *
 * @param raw the values below `daybreak:`, without that prefix
 * @throws ConfigurationError with every mistake at once
 */
export function parseConfig(raw: Record<string, unknown>, region: string): Settings {
  const parsed = settingsSchema.safeParse(raw);
  const mistakes = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, raw));
  if (!/^[a-z]{2}-[a-z]+-\d$/.test(region) || region.startsWith("cn-")) {
    mistakes.push(`aws:region is ${JSON.stringify(region)}: must be a commercial AWS region such as us-east-1.`);
  }
  const ownImage = parsed.data?.modelImage;
  const image = ownImage ?? xgboostImage(region);
  if (mistakes.length === 0 && image === undefined) {
    mistakes.push(
      `aws:region is "${region}", where AWS's XGBoost image is not known: set daybreak:modelImage, ` +
        `or choose one of ${regionsWithImage.join(", ")}.`,
    );
  }
  if (!parsed.success || image === undefined || mistakes.length > 0) throw new ConfigurationError(mistakes);
  return { ...parsed.data, region, modelImage: image };
}

/** Keys whose text is meant as text, even where it looks like a number. */
const textKeys: ReadonlySet<string> = new Set(["environment", "pipelinesFolder", "modelImage", "gitCommit"]);

/** Pulumi keeps every value as text: JSON for anything but text. */
function decode(key: string, text: string): unknown {
  if (textKeys.has(key)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads the configuration of the stack that runs, its pipelines and the state of the repository. */
export function loadConfig(): StackConfig {
  const prefix = "daybreak:";
  const raw = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig() ?? {})
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), decode(key.slice(prefix.length), text)]),
  );
  const settings = parseConfig(raw, new pulumi.Config("aws").get("region") ?? "");
  const root = resolve(__dirname, "..");
  const folder = resolve(root, settings.pipelinesFolder);
  const names = settings.pipelines ?? listPipelines(folder);
  if (names.length === 0) {
    throw new ConfigurationError([`daybreak:pipelinesFolder is "${settings.pipelinesFolder}": no pipeline is there.`]);
  }
  return {
    ...settings,
    root,
    pipelineSpecs: names.map((name) => loadPipeline(findPipeline(folder, name))),
    git: settings.gitCommit === undefined ? readGitVersion(root) : { commit: settings.gitCommit, dirty: false },
  };
}
