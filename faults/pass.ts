/** One pass through the loop on one copy of the pipeline, and what it records. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { slackMessagesAt } from "@daybreak/local";
import { z } from "zod";
import type { Traffic } from "../cli/demo/traffic";
import { parseJson } from "../cli/shared/lake";
import { repositoryRoot } from "../cli/shared/paths";
import type { PipelineOutputs } from "../contracts/stack-outputs";
import type { PipelineNames } from "../infra/names";
import type { PipelineSpec } from "../spec/pipeline";
import type { SharedCloud } from "./cloud";
import { Tables } from "./end";
import type { Shop } from "./shop";

const slackTimeoutMilliseconds = 30_000;
const pollMilliseconds = 200;

/** How a command of the command line ended. */
export interface Ran {
  /** As a person would type it. */
  command: string;
  ok: boolean;
  /** What it said at its end: its result, or why it failed. */
  said: string;
}

/** What a failed command writes with --json. */
const failure = z.object({ error: z.object({ message: z.string(), remedy: z.string() }) });

/** The problem that a failed command has reported; undefined if it was killed before it could report any. */
function problemIn(stdout: string): string | undefined {
  const parsed = failure.safeParse(parseJson(stdout));
  return parsed.success ? `${parsed.data.error.message} ${parsed.data.error.remedy}`.trim() : undefined;
}

export interface PassOptions {
  pipeline: string;
  spec: PipelineSpec;
  outputs: PipelineOutputs;
  names: PipelineNames;
  shop: Shop;
  cloud: SharedCloud;
}

export class Pass {
  readonly pipeline: string;
  readonly spec: PipelineSpec;
  readonly outputs: PipelineOutputs;
  readonly names: PipelineNames;
  readonly shop: Shop;
  readonly cloud: SharedCloud;
  readonly tables = new Tables();
  /** The ID of every line that was to be sent. */
  readonly sent: (string | undefined)[] = [];
  /** The outcome of every drift check. */
  readonly checks: string[] = [];
  /** The command that is running. */
  running: ChildProcess | undefined;
  /** The requests of the step that sends some. */
  traffic: Traffic | undefined;

  constructor(options: PassOptions) {
    this.pipeline = options.pipeline;
    this.spec = options.spec;
    this.outputs = options.outputs;
    this.names = options.names;
    this.shop = options.shop;
    this.cloud = options.cloud;
  }

  /** Runs `npx daybreak …` on this pass's pipeline, as a person at the keyboard does. */
  async command(verb: string, ...args: string[]): Promise<Ran> {
    const typed = [verb, this.pipeline, ...args];
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        join(repositoryRoot, "cli", "main.ts"),
        ...typed,
        ...["--pipelines", this.shop.pipelinesFolder, "--json"],
      ],
      { cwd: repositoryRoot, stdio: ["ignore", "pipe", "ignore"] },
    );
    this.running = child;
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
    });
    this.running = undefined;
    const quoted = typed.map((arg) => (/^[\w./-]+$/.test(arg) ? arg : `"${arg}"`)).join(" ");
    const said = code === 0 ? stdout : (problemIn(stdout) ?? `it ended (${code})`);
    return { command: `npx daybreak ${quoted}`, ok: code === 0, said };
  }

  /**
   * The alerts of this pipeline that were posted to Slack, without those of failures: each title once, since an alert may be
   * posted twice. Waits until all that were published are delivered.
   */
  async alerts(): Promise<string[]> {
    const published = (await this.cloud.inbox.messages()).filter(({ pipeline }) => pipeline === this.pipeline).length;
    const until = Date.now() + slackTimeoutMilliseconds;
    for (;;) {
      const titles = (await slackMessagesAt(this.cloud.address)).flatMap(({ message: { text } }) =>
        typeof text === "string" && text.includes(` ${this.pipeline}: `) ? [text.replace(this.pipeline, "cdnow")] : [],
      );
      if (titles.length >= published || Date.now() > until) {
        return [...new Set(titles)].filter((title) => !/ failed( at \w+)?$/.test(title)).sort();
      }
      await sleep(pollMilliseconds);
    }
  }
}
