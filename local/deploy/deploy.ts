/** Deploys a Pulumi program to an AWS-like endpoint, in this process and without the Pulumi CLI. */
import * as pulumi from "@pulumi/pulumi";
import { localAccount } from "../account";
import type { Cloud } from "./adapter";
import { ADAPTERS } from "./adapters";
import { createClients } from "./clients";
import { Engine, type ResourceEvent } from "./engine";
import { DeploymentError, describeFailure } from "./errors";
import type { DeploymentSummary, DeployResult, ProgressEvent } from "./events";
import { callFunction } from "./functions";
import { claimCloud } from "./marker";
import { installMonitor, type MonitorOptions } from "./monitor";
import { type Action, Planner, type PlannerOptions } from "./plan";
import { State } from "./state";
import { isPlainObject, reveal } from "./values";
import { decode } from "./wire";

/** A Pulumi program: registers its resources and returns the stack's outputs. */
export type Program = () => Promise<Record<string, unknown>> | Record<string, unknown>;

interface RunOptions {
  /** Stack configuration as Pulumi stores it: namespaced keys, string values (JSON for other types). */
  config: Record<string, string>;
  project: string;
  stack: string;
}

interface HowOptions {
  /** Stop after the plan. */
  preview?: boolean;
  /** Deploy even if data would be lost. */
  yes?: boolean;
  onProgress: (event: ProgressEvent) => void;
}

export interface DeployOptions extends RunOptions, HowOptions {
  endpoint: string;
  statePath: string;
}

export interface DeployToOptions extends RunOptions, HowOptions, PlannerOptions {}

const COUNTED = {
  create: "created",
  update: "updated",
  replace: "replaced",
  same: "unchanged",
  delete: "deleted",
} as const satisfies Record<Action, keyof DeploymentSummary>;

/**
 * Connects to the cloud and deploys the program to it. Rejects with a DeploymentError at the first failure, once the
 * operations in progress have ended and are recorded.
 */
export async function deploy(program: Program, options: DeployOptions): Promise<DeployResult> {
  const { endpoint, statePath, config } = options;
  const state = State.open(statePath);
  const calls: Record<string, number> = {};
  const cloud = await connect(endpoint, config["aws:region"], (operation) => {
    calls[operation] = (calls[operation] ?? 0) + 1;
  });
  const notice = await claimCloud(cloud.clients.ssm, state, options);
  if (notice !== undefined) options.onProgress({ type: "notice", message: notice });
  const { outputs, summary } = await deployTo(program, { ...options, cloud, state, adapters: ADAPTERS });
  return { outputs, summary: { ...summary, calls } };
}

/**
 * Runs the program as a preview, to report every problem and the plan before any change. Then runs it for real, unless
 * nothing changed: the preview already has the outputs.
 */
export async function deployTo(program: Program, options: DeployToOptions): Promise<DeployResult> {
  const started = performance.now();
  const { cloud, preview, yes, onProgress } = options;
  const call: MonitorOptions["call"] = (token) => callFunction(token, cloud);
  const planner = new Planner(options);
  const foreseen = await run(program, options, true, { call, register: async (one) => planner.visit(one) });
  const plan = planner.finish();
  const { steps } = plan;
  onProgress({ type: "plan", steps });
  const counts = { created: 0, updated: 0, replaced: 0, deleted: 0, unchanged: 0 };
  const result = (outputs: Record<string, unknown>): DeployResult => {
    const seconds = Math.round(performance.now() - started) / 1000;
    return { outputs, summary: { ...counts, seconds, calls: {} } };
  };
  if (preview || steps.length === 0) {
    counts.unchanged = plan.unchanged;
    for (const { action } of steps) counts[COUNTED[action]] += 1;
    return result(foreseen);
  }
  if (!yes) plan.refuseLosses();
  let done = 0;
  const onResource = (event: ResourceEvent) => {
    counts[COUNTED[event.action]] += 1;
    if (event.action === "same") return;
    done += 1;
    onProgress({ type: "resource", ...event, action: event.action, done, total: Math.max(steps.length, done) });
  };
  const engine = new Engine({ ...options, plan, onResource });
  await engine.deleteFirst();
  const register: MonitorOptions["register"] = (registration) => engine.apply(registration);
  const outputs = await run(program, options, false, { call, register }, engine);
  await engine.removeUnwanted();
  return result(outputs);
}

/** Looks up the caller's account; as the first call, this also detects an unreachable endpoint. */
export async function connect(
  endpoint: string,
  region = localAccount.region,
  onCall?: (operation: string) => void,
): Promise<Cloud> {
  const clients = createClients({ endpoint, region, credentials: localCredentials(endpoint), onCall });
  try {
    const identity = await clients.sts.getCallerIdentity({});
    return { clients, accountId: identity.Account ?? "", region, partition: "aws", endpoint };
  } catch (error) {
    const failure = describeFailure(error, endpoint, "the local cloud", "reach");
    throw new DeploymentError(failure.message, { ...failure.facts, urn: undefined }, { cause: error });
  }
}

/** The credentials from the environment, for an endpoint on this machine only: they may belong to a real account. */
function localCredentials(endpoint: string): { accessKeyId: string; secretAccessKey: string } {
  if (!["127.0.0.1", "localhost", "[::1]"].includes(new URL(endpoint).hostname)) {
    throw new DeploymentError(`${endpoint} is not on this machine, and this deployer deploys to a local cloud only.`, {
      advice: "To deploy to AWS, use the Pulumi CLI: pulumi up",
    });
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  throw new DeploymentError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set to the local cloud's keys.", {
    advice: "The command that sets them: npx daybreak status --credentials",
  });
}

/** Runs the program once; rejects at the first failure, once no operation is in progress. */
async function run(
  program: Program,
  options: RunOptions,
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
  // An error inside an apply surfaces only as an unhandled rejection.
  process.on("unhandledRejection", fail);
  try {
    return await Promise.race([failure, finish(program)]);
  } catch (error) {
    // The program's pending promises never settle; without this the SDK reports them as leaks at exit.
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
  // Node reports unhandled rejections after the microtask queue: wait, or a late failure would pass for success.
  await new Promise((resolve) => setImmediate(resolve));
  const revealed = reveal(decode(wire));
  if (!isPlainObject(revealed)) throw new DeploymentError("The program did not return an object as its outputs.");
  return revealed;
}

function asDeploymentError(error: unknown): DeploymentError {
  if (error instanceof DeploymentError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DeploymentError(`The program failed: ${message}`, {}, { cause: error });
}
