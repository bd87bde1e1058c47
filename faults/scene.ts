/** What a fault can observe and do. */
import { setTimeout as sleep } from "node:timers/promises";
import { localStatus } from "@daybreak/local";
import { z } from "zod";
import { type ProcessIdentity, type RunningProcess, signalProcess } from "../cli/clouds/processes";
import type { StepName } from "./loop";
import type { Pass } from "./pass";
import { descendantsOf, type Kind, lambdaWorkers, ofKind } from "./processes";

const pollMilliseconds = 15;
/** How long a stopped process runs at a time: too short for it to answer after its effect is visible. */
const sliceMilliseconds = 2;

const glueStatus = z.looseObject({ glue: z.array(z.looseObject({ job: z.string(), state: z.string() })) });
const firehoseStatus = z.looseObject({ firehose: z.looseObject({ pending_records: z.number() }) });

export class Scene {
  /** The processes that the fault has killed or orphaned, and that must not outlive it. */
  readonly doomed: RunningProcess[] = [];
  readonly #ended = new AbortController();

  constructor(
    readonly pass: Pass,
    readonly step: StepName,
  ) {}

  /** The step's work has ended: a fault that has not struck by now has missed its step. */
  end(): void {
    this.#ended.abort();
  }

  /** The cloud's processes now. */
  tree(): RunningProcess[] {
    return this.pass.cloud.tree();
  }

  /** Waits for a value; undefined when the step's work ends first. */
  async until<Value>(probe: () => Promise<Value | undefined> | Value | undefined): Promise<Value | undefined> {
    while (!this.#ended.signal.aborted) {
      const value = await probe();
      if (value !== undefined) return value;
      await sleep(pollMilliseconds);
    }
    return undefined;
  }

  /** Waits until the step's work has ended. */
  async afterwards(): Promise<void> {
    await this.until(() => undefined);
  }

  /** Waits until a Glue job of this pipeline runs. */
  async jobRuns(step: string): Promise<true | undefined> {
    const job = `${this.pass.names.prefix}-${step}`;
    return this.until(async () => {
      const { glue } = glueStatus.parse(await localStatus(this.pass.cloud.address));
      return glue.some((run) => run.job === job && run.state === "RUNNING") ? true : undefined;
    });
  }

  /** Waits until the stream has accepted records of a feed. */
  async recordsArrive(): Promise<true | undefined> {
    return this.until(async () => {
      const { firehose } = firehoseStatus.parse(await localStatus(this.pass.cloud.address));
      return firehose.pending_records > 0 ? true : undefined;
    });
  }

  /** Kills the newest process of a kind; returns its description. */
  async kill(
    kind: Kind,
    choose: (kind: Kind, tree: RunningProcess[]) => RunningProcess[] = ofKind,
  ): Promise<string | undefined> {
    const victim = await this.until(() => choose(kind, this.tree()).at(-1));
    return victim === undefined ? undefined : this.killProcess(victim, kind);
  }

  killProcess(victim: ProcessIdentity, what: string): string | undefined {
    return signalProcess(victim, "SIGKILL") ? `${what} (process ${victim.pid})` : undefined;
  }

  /** Kills the session's JVM; no process of the session may outlive it. */
  async killSpark(kind: "Spark JVM" | "Spark driver"): Promise<string | undefined> {
    const tree = this.tree();
    const driver = ofKind("Spark driver", tree)[0];
    if (driver !== undefined) this.doomed.push(driver, ...descendantsOf(driver.pid, tree));
    return this.kill(kind);
  }

  /**
   * Kills a Lambda between its effect and its answer: the process runs in short slices of time until the effect is visible.
   */
  async killAfterEffect(functionName: string, hasEffect: () => Promise<boolean>): Promise<string | undefined> {
    const worker = await this.until(() => lambdaWorkers(functionName, this.tree()).at(-1));
    if (worker === undefined) return undefined;
    const what = `the Lambda ${functionName}`;
    try {
      return await this.until(async () => {
        signalProcess(worker, "SIGSTOP");
        if (await hasEffect()) return this.killProcess(worker, what);
        signalProcess(worker, "SIGCONT");
        await sleep(sliceMilliseconds);
        return undefined;
      });
    } finally {
      signalProcess(worker, "SIGCONT");
    }
  }
}
