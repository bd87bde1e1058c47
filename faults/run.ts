/** Runs the loop without faults, then with them, in one local cloud. Each pass has its own copy of the pipeline. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localAccount } from "@daybreak/local";
import { isAlive, type RunningProcess } from "../cli/clouds/processes";
import { environment } from "../cli/shared/deployment";
import { duration, say } from "../cli/shared/output";
import { pipelineHome } from "../cli/shared/paths";
import { messageOf } from "../cli/shared/problem";
import { pipelineNames } from "../infra/names";
import { loadPipeline } from "../spec/load";
import type { Fault } from "./catalogue";
import { SharedCloud } from "./cloud";
import { type Difference, differences, type End } from "./compare";
import { readEnd } from "./end";
import { type Course, removeEndpoint, type StepName, stepNames, steps } from "./loop";
import { Pass } from "./pass";
import { packIntoPasses } from "./plan";
import { describeFault, type FaultResult, type PassResult, type Result } from "./result";
import { Scene } from "./scene";
import { makeShop, type Shop } from "./shop";

/** Runs the faults; everything that it starts ends with it. */
export async function runFaults(faults: readonly Fault[]): Promise<Result> {
  const started = Date.now();
  const passes = [new Map<StepName, Fault>(), ...packIntoPasses<StepName, Fault>(faults)];
  const pipelines = passes.map((_, number) => `faults-${number}`);
  const home = mkdtempSync(join(tmpdir(), "daybreak-faults-"));
  const clean = () => {
    for (const folder of [home, ...pipelines.map(pipelineHome)]) rmSync(folder, { recursive: true, force: true });
  };
  // An interrupted run exits before it has come to its end.
  process.once("exit", clean);
  try {
    const shop = makeShop(home, pipelines);
    say(`Starting a local cloud with ${pipelines.length} copies of the pipeline`);
    const cloud = await SharedCloud.start(home, shop, pipelines);
    const runner = new Runner(shop, cloud, started);
    try {
      for (const [number, placed] of passes.entries()) await runner.pass(number, placed);
    } finally {
      await cloud.stop();
    }
    const left = (await cloud.leftRunning()).map(shown);
    const { results, passResults } = runner;
    const ok = results.every(({ end_equal }) => end_equal) && passResults.every(isEqual) && left.length === 0;
    return { ok, seconds: (Date.now() - started) / 1000, faults: results, passes: passResults, left_running: left };
  } finally {
    clean();
  }
}

const lastStep = stepNames.at(-1);
/** The effect of a fault in the other steps shows after the next run. */
const isCheckpoint = (step: StepName) => step !== "start" && !step.startsWith("ingest");

/** A fault whose step is over. */
interface Struck {
  fault: Fault;
  step: StepName;
  course: Course;
  seconds: number;
  /** What was done; undefined if its condition never occurred. */
  done: string | undefined;
  left: string[];
}

const isEqual = ({ stopped, differences: found }: PassResult) => stopped === null && found.length === 0;
const shown = ({ pid, command }: RunningProcess) => `${command.slice(0, 120)} (process ${pid})`;

class Runner {
  readonly results: FaultResult[] = [];
  readonly passResults: PassResult[] = [];
  readonly #expected = new Map<StepName, End>();

  constructor(
    private readonly shop: Shop,
    private readonly cloud: SharedCloud,
    private readonly started: number,
  ) {}

  /** One pass through the loop, with the faults placed in its steps. The first pass has none, and gives what is expected. */
  async pass(number: number, placed: ReadonlyMap<StepName, Fault>): Promise<void> {
    const pass = this.#makePass(`faults-${number}`);
    this.#say(number === 0 ? "The loop without faults" : `Pass ${number}: ${placed.size} faults`);
    const result: PassResult = { pass: number, stopped: null, differences: [] };
    this.passResults.push(result);
    const before = this.results.length;
    let struck: Struck[] = [];
    for (const step of stepNames) {
      const fault = placed.get(step);
      const strike = await this.#step(pass, step, fault, result);
      if (strike !== undefined) struck.push(strike);
      if (result.stopped !== null) break;
      if (!isCheckpoint(step)) continue;
      if (number > 0 && struck.length === 0 && step !== lastStep) continue;
      const end = await readEnd(pass);
      if (number === 0) this.#expected.set(step, end);
      const found = this.#compare(step, end);
      for (const one of struck) this.#judge(one, found);
      struck = [];
      if (step === lastStep) result.differences = found;
    }
    for (const one of struck) this.#judge(one, undefined);
    if (number === 0 && result.stopped !== null) throw new Error(`The loop without faults stopped: ${result.stopped}`);
    // A difference that shows only later counts against every fault of the pass.
    if (!isEqual(result)) for (const one of this.results.slice(before)) one.end_equal = false;
    await removeEndpoint(pass);
  }

  /** Carries out one step, with its fault if it has one; the result records what stops the loop. */
  async #step(pass: Pass, step: StepName, fault: Fault | undefined, result: PassResult): Promise<Struck | undefined> {
    const scene = new Scene(pass, step);
    const stop = (error: unknown) => {
      result.stopped ??= `${step}: ${messageOf(error)}`;
      return undefined;
    };
    const began = Date.now();
    const striking = fault?.strike(scene).catch(stop);
    const course = (await steps[step](pass).catch(stop)) ?? { saw: [], retriedBy: [] };
    const seconds = (Date.now() - began) / 1000;
    scene.end();
    const done = await striking;
    this.cloud.tree();
    this.#say(`  ${step}${result.stopped === null ? "" : ` stopped: ${result.stopped}`}`);
    return fault === undefined
      ? undefined
      : { fault, step, course, seconds, done, left: scene.doomed.filter(isAlive).map(shown) };
  }

  /** Records the result of a fault. Without a comparison, the loop stopped before one. */
  #judge({ fault, step, course, seconds, done, left }: Struck, found: Difference[] | undefined): void {
    const { name, stage, title } = fault;
    const result: FaultResult = {
      ...{
        fault: name,
        stage,
        title,
        step,
        seconds,
        struck: done ?? null,
        saw: course.saw,
        retried_by: course.retriedBy,
      },
      differences: found ?? [],
      left_running: left,
      end_equal: done !== undefined && found?.length === 0 && left.length === 0,
    };
    this.results.push(result);
    this.#say(describeFault(result));
  }

  #compare(step: StepName, end: End) {
    const expected = this.#expected.get(step);
    return expected === undefined ? [] : differences(expected, end);
  }

  #makePass(pipeline: string): Pass {
    const outputs = this.cloud.outputs.pipelines[pipeline];
    if (outputs === undefined) throw new Error(`${pipeline} is not deployed`);
    return new Pass({
      pipeline,
      spec: loadPipeline(join(this.shop.pipelinesFolder, pipeline)),
      outputs,
      names: pipelineNames({ environment, ...localAccount }, pipeline),
      shop: this.shop,
      cloud: this.cloud,
    });
  }

  #say(text: string): void {
    say(`${duration((Date.now() - this.started) / 1000).padStart(12)}  ${text}`);
  }
}
