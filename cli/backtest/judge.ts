/** The judge of a backtest: a Python process that trains and compares models with the code of the SageMaker jobs. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endChild, python, pythonEnvironment, track } from "@daybreak/local";
import * as z from "zod/mini";
import {
  type JudgedAlarm,
  type JudgedPolicies,
  type JudgedTraining,
  type JudgedVerdict,
  judgedAlarm,
  judgedPolicies,
  judgedTraining,
  judgedVerdict,
} from "../../contracts/backtest";
import { repositoryRoot } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import type { Judge, Served } from "./course";

const answer = z.union([
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), answer: z.unknown() }),
]);

/** How much of what the process writes to stderr is kept for an error message. */
const keptCharacters = 4000;

/** The process answers several questions at once. Answers are kept, because policies often ask the same. */
export class PythonJudge implements Judge {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #known = new Map<string, Promise<unknown>>();
  #errors = "";

  /** @param specFile the resolved pipeline.yaml; @param rowsFolder what backtest/prepare.py wrote */
  constructor(
    specFile: string,
    rowsFolder: string,
    /** The cutoffs with a known label of a training on a day. */
    private readonly cutoffsOf: (day: string) => string[],
  ) {
    this.#process = spawn(python, [join(repositoryRoot, "backtest", "judge.py"), specFile, rowsFolder], {
      // A process works on each processor: threads of their own would only compete (six times as slow on two).
      env: { ...process.env, ...pythonEnvironment, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
      stdio: ["pipe", "pipe", "pipe"],
      // A process group of its own: Ctrl-C reaches only this process, and ending that one ends its workers.
      detached: true,
    });
    track(this.#process);
    this.#process.stderr?.on("data", (text: Buffer) => {
      this.#errors = `${this.#errors}${text}`.slice(-keptCharacters);
    });
    if (this.#process.stdout !== null) {
      createInterface({ input: this.#process.stdout }).on("line", (line) => this.#receive(line));
    }
    this.#process.once("error", (error) => this.#fail(String(error)));
    this.#process.once("close", (code, signal) => this.#fail(`it ended with ${signal ?? `exit code ${code}`}`));
  }

  async train(day: string): Promise<JudgedTraining> {
    return judgedTraining.parse(await this.#ask("train", { day, cutoffs: this.cutoffsOf(day) }));
  }

  async gate(day: string, champion: string | undefined, floor: string | undefined): Promise<JudgedVerdict> {
    return judgedVerdict.parse(await this.#ask("gate", { day, champion: champion ?? null, floor: floor ?? null }));
  }

  async drift(version: string, day: string): Promise<JudgedAlarm> {
    return judgedAlarm.parse(await this.#ask("drift", { version, day }));
  }

  async quality(day: string, served: readonly Served[]): Promise<JudgedAlarm> {
    return judgedAlarm.parse(await this.#ask("quality", { day, served }));
  }

  /** The quality of each policy on the same days, and the differences. */
  async compare(policies: Readonly<Record<string, readonly Served[]>>): Promise<JudgedPolicies> {
    return judgedPolicies.parse(await this.#ask("compare", { policies }));
  }

  /** Ends the process, which ends its workers. */
  close(): Promise<void> {
    return endChild(this.#process);
  }

  #ask(question: string, details: object): Promise<unknown> {
    const key = JSON.stringify({ question, ...details });
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#known.size;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#known.set(key, answered);
    this.#process.stdin?.write(`${JSON.stringify({ id, question, ...details })}\n`);
    return answered;
  }

  #receive(line: string): void {
    const parsed = answer.parse(JSON.parse(line));
    const waiting = this.#waiting.get(parsed.id);
    this.#waiting.delete(parsed.id);
    if ("error" in parsed) waiting?.reject(new CommandProblem("The backtest stopped.", parsed.error));
    else waiting?.resolve(parsed.answer);
  }

  #fail(cause: string): void {
    const error = new CommandProblem(`The backtest's judge stopped: ${cause}.`, this.#errors.trim() || undefined);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
