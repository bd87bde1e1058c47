/** Shows the demo's stages with their duration and what they are waiting for; on a terminal, the line is redrawn. */
import type { StageSummary } from "../../contracts/summary";
import { duration } from "../shared/output";

const drawEveryMilliseconds = 120;
const sayEveryMilliseconds = 20_000;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface StageHandle {
  /** What the stage is waiting for. */
  waitFor: (text: string) => void;
  /** The result, shown when the stage is finished. */
  detail: (text: string) => void;
}

export interface StageOptions {
  title: string;
  kind: StageSummary["kind"];
  asOf?: string;
}

export class StageProgress {
  readonly stages: StageSummary[] = [];
  readonly startedAt = Date.now();
  readonly #stream = process.stderr;
  #frame = 0;

  constructor(private readonly silent = false) {}

  get elapsed(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  /** Runs one stage, shows its progress and records it for the report. */
  async stage<Result>(options: StageOptions, work: (handle: StageHandle) => Promise<Result>): Promise<Result> {
    const startedAfter = this.elapsed;
    let waiting = "";
    let detail = "";
    const text = () => `${options.title}${waiting === "" ? "" : ` · ${waiting}`}`;
    const timer = this.#watch(text, startedAfter);
    const finish = (mark: string) => {
      clearInterval(timer);
      const seconds = this.elapsed - startedAfter;
      this.#line(`${mark} ${options.title}${detail === "" ? "" : ` · ${detail}`}  (${duration(seconds)})`);
      const { title, kind, asOf = null } = options;
      this.stages.push({ title, kind, as_of: asOf, started_after: startedAfter, seconds, detail });
    };
    try {
      const result = await work({
        waitFor: (next) => {
          waiting = next;
        },
        detail: (next) => {
          detail = next;
        },
      });
      finish("✓");
      return result;
    } catch (error) {
      detail = waiting === "" ? "failed" : `failed at: ${waiting}`;
      finish("✗");
      throw error;
    }
  }

  /** A line between stages. */
  note(text: string): void {
    this.#line(`  ${text}`);
  }

  heading(text: string): void {
    this.#line(`\n${text}`);
  }

  #watch(text: () => string, startedAfter: number): NodeJS.Timeout | undefined {
    if (this.silent) return undefined;
    const since = () => duration(this.elapsed - startedAfter);
    if (!this.#stream.isTTY) {
      return setInterval(() => this.#line(`… ${text()}  (${since()})`), sayEveryMilliseconds);
    }
    return setInterval(() => {
      this.#frame = (this.#frame + 1) % frames.length;
      const line = `${frames[this.#frame]} ${this.#clock()} ${text()}  ${since()}`;
      this.#stream.write(`\r\x1b[2K${line.slice(0, (this.#stream.columns ?? 120) - 1)}`);
    }, drawEveryMilliseconds);
  }

  #clock(): string {
    const whole = Math.floor(this.elapsed);
    return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  }

  #line(text: string): void {
    if (this.silent) return;
    const [, breaks = "", rest = ""] = /^(\n*)([\s\S]*)$/.exec(text) ?? [];
    this.#stream.write(`${this.#stream.isTTY ? "\r\x1b[2K" : ""}${breaks}${this.#clock()} ${rest}\n`);
  }
}
