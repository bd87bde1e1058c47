/** Shows the demo's stages with their duration and what they are waiting for, and keeps them for the report. */
import type { StageSummary } from "../../contracts/summary";
import { wasInterrupted } from "../shared/interrupt";
import { duration } from "../shared/output";
import { ProgressLine } from "../shared/progress-line";

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
  readonly #line: ProgressLine;

  constructor(silent = false) {
    this.#line = new ProgressLine(silent);
  }

  get elapsed(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  /** Runs one stage, shows its progress and records it for the report. */
  async stage<Result>(options: StageOptions, work: (handle: StageHandle) => Promise<Result>): Promise<Result> {
    const { title, kind, asOf = null } = options;
    return this.#show(title, work, (times) => this.stages.push({ title, kind, as_of: asOf, ...times }));
  }

  /** Runs work that is no stage of the loop: its progress is shown, and not recorded. */
  async aside<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
    return this.#show(title, work, () => undefined);
  }

  async #show<Result>(
    title: string,
    work: (handle: StageHandle) => Promise<Result>,
    onEnd: (times: Pick<StageSummary, "started_after" | "seconds" | "detail">) => void,
  ): Promise<Result> {
    const startedAfter = this.elapsed;
    let waiting = "";
    let detail = "";
    const end = this.#line.begin(() => `${title}${waiting === "" ? "" : ` · ${waiting}`}`);
    const finish = (mark: string) => {
      end();
      const seconds = this.elapsed - startedAfter;
      this.#line.print(`${mark} ${title}${detail === "" ? "" : ` · ${detail}`}  (${duration(seconds)})`);
      onEnd({ started_after: startedAfter, seconds, detail });
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
      const [mark, what] = wasInterrupted() ? ["–", "interrupted"] : ["✗", "failed"];
      detail = waiting === "" ? what : `${what} at: ${waiting}`;
      finish(mark);
      throw error;
    }
  }

  /** A line between stages. */
  note(text: string): void {
    this.#line.print(`  ${text}`);
  }

  heading(text: string): void {
    this.#line.print(`\n${text}`);
  }
}
