/** Deploys a Pulumi program to an AWS-like endpoint, in this process and without the Pulumi CLI. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import * as pulumi from "@pulumi/pulumi";
import type { Adapter, AdapterContext } from "./adapter";
import { ADAPTERS } from "./adapters";
import { createClients } from "./clients";
import { Engine, type ResourceAction, type ResourceEvent } from "./engine";
import { DeploymentError, describeFailure } from "./errors";
import { callFunction } from "./functions";
import { claimCloud } from "./marker";
import { installMonitor, type MonitorOptions } from "./monitor";
import { DryPass, type NotEmulated } from "./plan";
import { State } from "./state";
import { isPlainObject, reveal } from "./values";
import { decode } from "./wire";

/** A Pulumi program: registers its resources and returns the stack's outputs. */
export type Program = () => Promise<Record<string, unknown>> | Record<string, unknown>;

export type ProgressEvent =
  | { type: "phase"; phase: "plan" | "deploy" }
  | { type: "notice"; message: string }
  | ({ type: "resource"; done: number; total: number } & ResourceEvent);

export interface DeployOptions {
  endpoint: string;
  statePath: string;
  /** Stack configuration, as Pulumi keeps it: full keys, values as text (JSON for anything but text). */
  config: Record<string, string>;
  project: string;
  stack: string;
  onProgress?: (event: ProgressEvent) => void;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface DeploySummary {
  created: number;
  updated: number;
  unchanged: number;
  deleted: number;
  orphaned: number;
  seconds: number;
  /** What the program declares and the local cloud has no counterpart for. */
  notEmulated: NotEmulated[];
  /** How often each operation of AWS was called. */
  calls: Record<string, number>;
}

export interface DeployResult {
  outputs: Record<string, unknown>;
  resources: DeploySummary;
}

const COUNTED: Record<ResourceAction, Exclude<keyof DeploySummary, "seconds" | "notEmulated" | "calls">> = {
  create: "created",
  update: "updated",
  same: "unchanged",
  delete: "deleted",
  orphan: "orphaned",
};

/** The root pair that the local cloud is started with. Never the environment's: those may be keys to a real account. */
const LOCAL_CREDENTIALS = { accessKeyId: "daybreak", secretAccessKey: "daybreak-local" };
const DEFAULT_REGION = "us-east-1";

/**
 * Connects to the cloud and deploys the program to it. Rejects with a DeploymentError at the first failure, after the calls
 * under way have ended and are recorded.
 */
export async function deploy(program: Program, options: DeployOptions): Promise<DeployResult> {
  const state = State.open(options.statePath);
  const calls: Record<string, number> = {};
  const cloud = await connect(options, (operation) => {
    calls[operation] = (calls[operation] ?? 0) + 1;
  });
  const notice = await claimCloud(cloud.clients.ssm, state, options);
  const { config, project, stack, onProgress = () => undefined } = options;
  if (notice !== undefined) onProgress({ type: "notice", message: notice });
  const deployed = await deployTo(program, { cloud, state, adapters: ADAPTERS, config, project, stack, onProgress });
  return { ...deployed, resources: { ...deployed.resources, calls } };
}

/** The cloud as adapters see it, before a resource is named. */
export type Cloud = Omit<AdapterContext, "urn" | "name" | "automaticName">;

export interface DeployToOptions extends Required<Pick<DeployOptions, "config" | "project" | "stack" | "onProgress">> {
  cloud: Cloud;
  state: State;
  adapters: ReadonlyMap<string, Adapter>;
}

/**
 * Runs the program twice: once dry, which finds everything that can be found before anything exists, and once for real.
 */
export async function deployTo(program: Program, options: DeployToOptions): Promise<DeployResult> {
  const started = performance.now();
  const { adapters, cloud, state, onProgress } = options;
  onProgress({ type: "phase", phase: "plan" });
  const dryPass = new DryPass(adapters);
  const call: MonitorOptions["call"] = (token) => callFunction(token, cloud);
  await run(program, options, true, { call, register: async (registration) => dryPass.visit(registration) });
  dryPass.refuseProblems();

  onProgress({ type: "phase", phase: "deploy" });
  const counts = { created: 0, updated: 0, unchanged: 0, deleted: 0, orphaned: 0 };
  let done = 0;
  const onResource = (event: ResourceEvent) => {
    counts[COUNTED[event.action]] += 1;
    done += 1;
    onProgress({ type: "resource", ...event, done, total: Math.max(dryPass.count, done) });
  };
  const engine = new Engine({ adapters, state, context: cloud, onResource });
  const register: MonitorOptions["register"] = (registration) => engine.apply(registration);
  const outputs = await run(program, options, false, { call, register }, engine);
  await engine.removeUnwanted();
  const seconds = Math.round(performance.now() - started) / 1000;
  return { outputs, resources: { ...counts, seconds, notEmulated: dryPass.notEmulated, calls: {} } };
}

/** Asks the cloud who we are: the first call, so it also tells whether the cloud answers at all. */
async function connect(options: DeployOptions, onCall: (operation: string) => void): Promise<Cloud> {
  const region = options.config["aws:region"] ?? DEFAULT_REGION;
  const credentials = options.credentials ?? LOCAL_CREDENTIALS;
  const clients = createClients({ endpoint: options.endpoint, region, credentials, onCall });
  try {
    const identity = await clients.sts.send(new GetCallerIdentityCommand({}));
    const accountId = identity.Account ?? "";
    return { clients, accountId, region, partition: "aws", endpoint: options.endpoint };
  } catch (error) {
    const failure = describeFailure(error, options.endpoint, "the local cloud", "reach");
    throw new DeploymentError(failure.message, { ...failure.facts, urn: undefined }, { cause: error });
  }
}

/** Runs the program once against a monitor of ours; rejects at the first failure, when nothing is under way any more. */
async function run(
  program: Program,
  options: Pick<DeployOptions, "config" | "project" | "stack">,
  dryRun: boolean,
  handlers: Pick<MonitorOptions, "call" | "register">,
  engine?: Engine,
): Promise<Record<string, unknown>> {
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  pulumi.runtime.setAllConfig(options.config);
  await installMonitor(options.project, options.stack, dryRun, { ...handlers, onFailure: fail });
  // An error inside an apply reaches nobody but the process.
  process.on("unhandledRejection", fail);
  try {
    return await Promise.race([failure, finish(program)]);
  } catch (error) {
    // What the program still waits for will not come; without this the SDK would complain about it at exit.
    pulumi.runtime.terminateRpcs();
    await engine?.stop();
    throw asDeploymentError(error);
  } finally {
    process.off("unhandledRejection", fail);
  }
}

async function finish(program: Program): Promise<Record<string, unknown>> {
  const outputs = await program();
  const wire = await pulumi.runtime.serializeProperties("outputs", outputs);
  await pulumi.runtime.disconnect();
  // Rejections are told after the promises: a failure of the last moment must not pass for success.
  await new Promise((resolve) => setImmediate(resolve));
  const revealed = reveal(decode(wire));
  if (!isPlainObject(revealed)) throw new DeploymentError("The program returned no object as its outputs.");
  return revealed;
}

function asDeploymentError(error: unknown): DeploymentError {
  if (error instanceof DeploymentError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DeploymentError(`The program failed: ${message}`, {}, { cause: error });
}
