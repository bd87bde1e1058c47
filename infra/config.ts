/** The stack's configuration: its keys with their types, defaults and limits, and how they are read from Pulumi. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { findPipeline, listPipelines, loadPipeline } from "../spec/load";
import { type PipelineSpec, pipelineName } from "../spec/pipeline";
import { type GitVersion, readGitVersion } from "./git";
import { regionsWithImage, repositoryArn, xgboostImage } from "./image";
import { retentionKeys, retentionSettings } from "./lake/retention";
import { dutiesAreSeparate, peopleKeys, peopleSettings } from "./people/settings";
import { promotionKeys, promotionSettings } from "./promotion/settings";

/** The retention periods that CloudWatch Logs accepts. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 3653];

const serving = z.strictObject({
  trigger: z
    .enum(["event", "github"])
    .default("event")
    .describe(
      "What starts the deployment of an approved model version: event starts the workflow at once; github starts the GitHub workflow deploy-model, which starts and follows it.",
    ),
});

const github = z.strictObject({
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "must be <owner>/<repository>")
    .describe("The repository whose workflows deploy this environment."),
  oidcSubject: z
    .string()
    .regex(/^repo:[^:*?]+\/[^:*?]+$/, "must be the start of a subject, such as repo:octocat@123456/my-repo@456789")
    .optional()
    .describe(
      "How the subject of the repository's OIDC tokens starts. Default: repo:<repository>. A repository created, renamed or transferred since the summer of 2026 has the IDs of owner and repository in it.",
    ),
  apiUrl: z
    .string()
    .regex(/^(https:\/\/\S+|http:\/\/127\.0\.0\.1:\d+)$/, "must be an https address")
    .default("https://api.github.com")
    .describe("The address of GitHub's API. Another one is for tests."),
});

/** The keys of the settings that are objects. */
const nestedKeys: Readonly<Record<string, readonly string[]>> = {
  retention: retentionKeys,
  people: peopleKeys,
  promotion: promotionKeys,
  serving: Object.keys(serving.shape),
  github: Object.keys(github.shape),
};

const settingsSchema = z.strictObject({
  environment: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,6}$/, "must be 2 to 7 lower-case letters and digits, starting with a letter")
    .describe("The environment's name, such as dev, staging or prod. It is part of every resource name."),
  pipelines: z
    .array(pipelineName)
    .min(1)
    .refine((names) => new Set(names).size === names.length, "must not name a pipeline twice")
    .optional()
    .describe("The pipelines to deploy. Default: every pipeline in pipelinesFolder."),
  pipelinesFolder: z
    .string()
    .min(1)
    .default("pipelines")
    .describe("The folder that holds the pipelines, relative to the repository."),
  alertEmails: z
    .array(z.email())
    .default([])
    .describe("E-mail addresses that receive every alert of the environment, in addition to those in pipeline.yaml."),
  monthlyBudget: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      "US dollars that the account may cost in a month. The alert topic is told at 80 % and 100 % of it, and when AWS forecasts more. " +
        "Default: no budget.",
    ),
  logRetentionDays: z
    .number()
    .refine((days) => retentionDays.includes(days), `must be one of ${retentionDays.join(", ")}`)
    .default(90)
    .describe("CloudWatch Logs retention in days."),
  retention: retentionSettings.describe("How many days data and model versions are kept: docs/retention.md."),
  people: peopleSettings.describe("Who may assume the roles for people: docs/security.md."),
  promotion: promotionSettings.describe(
    "Which environments take model versions from this one, and from which one it takes some: docs/delivery.md.",
  ),
  protectData: z
    .boolean()
    .default(true)
    .describe(
      "Protects the buckets, KMS keys, feature groups and model package groups from deletion. " +
        "If false, buckets are deleted together with their objects.",
    ),
  accessLogDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe(
      "How many days the S3 access logs are kept: who read or wrote which object of the lake and of the code. Default: no access logs.",
    ),
  streamShards: z
    .number()
    .int()
    .min(1)
    .max(500)
    .optional()
    .describe("Number of shards per Kinesis stream. Default: on-demand capacity."),
  streamRetentionHours: z
    .number()
    .int()
    .min(24)
    .max(168)
    .default(72)
    .describe(
      "How long the Kinesis streams keep events: by default, a Firehose outage over a long weekend loses none.",
    ),
  firehoseBufferSeconds: z
    .number()
    .int()
    .min(0)
    .max(900)
    .default(300)
    .describe("Firehose buffering interval in seconds: how long it collects events before it writes a file."),
  firehoseBufferMegabytes: z
    .number()
    .int()
    .min(1)
    .max(128)
    .default(64)
    .describe("Firehose buffer size in MB: how much data it collects before it writes a file."),
  glueWorkers: z.number().int().min(2).max(100).default(2).describe("Number of G.1X workers per Glue job."),
  minimumInstances: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      "The least number of instances of an endpoint. With 2, an endpoint outlives the loss of an availability zone, also that of a pipeline with serving.instance_count: 1.",
    ),
  deploymentPollSeconds: z
    .number()
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe(
      "How long a workflow waits between its first looks at an endpoint or at the execution before it, in seconds. It looks less often the longer it waits.",
    ),
  canaryWaitSeconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe("Overrides serving.canary_wait_seconds of every pipeline in this environment."),
  serving: serving.prefault({}).describe("How model versions are deployed in this environment: docs/delivery.md."),
  github: github
    .optional()
    .describe("The repository on GitHub that may deploy this environment's models: docs/delivery.md."),
  schedulesEnabled: z.boolean().default(true).describe("Enables the schedules of the daily runs and the drift checks."),
  network: z
    .enum(["public", "private"])
    .default("public")
    .describe(
      "Where Lambdas, jobs and endpoints run: public, in AWS's own networks; private, in subnets of a VPC that has no way to the internet: docs/security.md.",
    ),
  modelImage: z
    .string()
    .refine((image) => isEcrImage(image), "must be <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>")
    .optional()
    .describe(
      "ECR image for training, evaluation and serving. Default: AWS's XGBoost image; required in regions for which " +
        "this stack has no account ID of that image.",
    ),
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{7,40}$/, "must be a git commit: 7 to 40 hexadecimal digits")
    .optional()
    .describe("The deployed commit. Set it when the program runs outside a git checkout."),
});

export type GitHubSettings = z.infer<typeof github>;

/** The settings in `Pulumi.<stack>.yaml` with their defaults filled in, and the region. */
export type Settings = Omit<z.infer<typeof settingsSchema>, "modelImage"> & {
  region: string;
  modelImage: string;
};

/** The validated configuration that `createStack` takes. */
export interface StackConfig extends Settings {
  /** The repository's root: `lambdas/`, `glue-scripts/` and `model/` are read from here. */
  root: string;
  pipelineSpecs: readonly PipelineSpec[];
  git: GitVersion;
}

/** The number of instances that an endpoint starts with. */
export function instanceCount({ minimumInstances }: Settings, { serving }: PipelineSpec): number {
  return Math.max(minimumInstances, serving.instance_count);
}

/** Mistakes that only a pipeline and the environment make together. */
function mistakesOf(settings: Settings, specs: readonly PipelineSpec[]): string[] {
  const unattended = specs.filter(({ approval }) => approval.mode === "automatic").map(({ name }) => name);
  const duties =
    dutiesAreSeparate(settings) && unattended.length > 0
      ? [
          `daybreak:people.separateDuties is on, and approval.mode of ${unattended.join(", ")} automatic: choose manual.`,
        ]
      : [];
  const instances = specs.flatMap((spec) => {
    const most = spec.serving.autoscaling?.max_instances;
    return most !== undefined && most < instanceCount(settings, spec)
      ? [
          `serving.autoscaling.max_instances of ${spec.name} is ${most}: must be at least daybreak:minimumInstances, ` +
            `${settings.minimumInstances}.`,
        ]
      : [];
  });
  return [...duties, ...instances];
}

/** Lists every mistake in the configuration: key, value and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(readonly mistakes: readonly string[]) {
    super(`The stack configuration is invalid:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}`);
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
  if (issue.code === "unrecognized_keys") {
    const known = nestedKeys[String(issue.path[0])] ?? Object.keys(settingsSchema.shape);
    return issue.keys.map(
      (key) => `daybreak:${[...issue.path, key].join(".")} is not a valid key. Valid keys: ${known.join(", ")}.`,
    );
  }
  const key = `daybreak:${issue.path.map(String).join(".")}`;
  const value = valueAt(raw, issue.path);
  if (value === undefined) return [`${key} is missing: ${issue.message}.`];
  return [`${key} is ${JSON.stringify(value)}: ${issue.message}.`];
}

/**
 * Validates a configuration and fills in the defaults.
 *
 * @param raw the values of the `daybreak:` keys, without that prefix
 * @throws ConfigurationError listing every mistake
 */
export function parseConfig(raw: Record<string, unknown>, region: string): Settings {
  const parsed = settingsSchema.safeParse(raw);
  const mistakes = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, raw));
  if (!/^[a-z]{2}-[a-z]+-\d$/.test(region) || region.startsWith("cn-")) {
    mistakes.push(`aws:region is ${JSON.stringify(region)}: must be a commercial AWS region such as us-east-1.`);
  }
  if (parsed.data?.serving.trigger === "github" && parsed.data.github === undefined) {
    mistakes.push('daybreak:github.repository is missing: daybreak:serving.trigger is "github".');
  }
  const ownImage = parsed.data?.modelImage;
  const image = ownImage ?? xgboostImage(region);
  if (mistakes.length === 0 && image === undefined) {
    mistakes.push(
      `aws:region is "${region}", for which the AWS account of the XGBoost image is unknown: set daybreak:modelImage ` +
        `or use one of ${regionsWithImage.join(", ")}.`,
    );
  }
  if (!parsed.success || image === undefined || mistakes.length > 0) throw new ConfigurationError(mistakes);
  return { ...parsed.data, region, modelImage: image };
}

/** Keys that are always strings, even if the value looks like a number (`gitCommit: 1234567`). */
const textKeys: ReadonlySet<string> = new Set(["environment", "pipelinesFolder", "modelImage", "gitCommit"]);

/** Pulumi stores every value as a string: numbers, booleans, lists and objects as JSON. */
function decode(key: string, text: string): unknown {
  if (textKeys.has(key)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads the current stack's configuration, its pipeline folders and the repository's git version. */
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
    throw new ConfigurationError([
      `daybreak:pipelinesFolder is "${settings.pipelinesFolder}": that folder contains no pipeline.`,
    ]);
  }
  const pipelineSpecs = names.map((name) => loadPipeline(findPipeline(folder, name)));
  const mistakes = mistakesOf(settings, pipelineSpecs);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return {
    ...settings,
    root,
    pipelineSpecs,
    git: settings.gitCommit === undefined ? readGitVersion(root) : { commit: settings.gitCommit, dirty: false },
  };
}
