/** Shows what is being waited for: on a terminal as one line that is redrawn, elsewhere as a line now and then. */
import { duration } from "./output";

const drawEveryMilliseconds = 120;
const sayEveryMilliseconds = 20_000;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const separator = "  │  ";

/** What progress is written to. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

interface Activity {
  text: () => string;
  since: number;
}

/** The activities that are under way; those in parallel share one line. */
export class ProgressLine {
  readonly #active = new Set<Activity>();
  readonly #startedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(
    private readonly silent = false,
    private readonly stream: ProgressStream = process.stderr,
  ) {}

  /** Shows an activity until the function that it returns is called. */
  begin(text: () => string): () => void {
    const activity = { text, since: Date.now() };
    if (this.silent) return () => undefined;
    this.#active.add(activity);
    this.#timer ??= this.stream.isTTY
      ? setInterval(() => this.#draw(), drawEveryMilliseconds)
      : setInterval(() => this.print(`… ${this.#texts().join(separator)}`), sayEveryMilliseconds);
    return () => {
      this.#active.delete(activity);
      if (this.#active.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#clear();
    };
  }

  /** Prints a line that stays, with the time since the start. */
  print(text: string): void {
    if (this.silent) return;
    const [, breaks = "", rest = ""] = /^(\n*)([\s\S]*)$/.exec(text) ?? [];
    this.#clear();
    this.stream.write(`${breaks}${this.#clock()} ${rest}\n`);
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % frames.length;
    const head = `${frames[this.#frame]} ${this.#clock()} `;
    const columns = (this.stream.columns ?? 120) - 1 - head.length;
    // Each of several gets the same width, so that none hides the others.
    const width = Math.floor((columns - separator.length * (this.#active.size - 1)) / this.#active.size);
    this.stream.write(`\r\x1b[2K${head}${this.#texts(Math.max(width, 8)).join(separator)}`);
  }

  #texts(width = Number.POSITIVE_INFINITY): string[] {
    return [...this.#active].map(({ text, since }) => {
      const time = `  ${duration((Date.now() - since) / 1000)}`;
      const room = width - time.length;
      const whole = text();
      return `${whole.length > room ? `${whole.slice(0, room - 1)}…` : whole}${time}`;
    });
  }

  #clear(): void {
    if (this.stream.isTTY) this.stream.write("\r\x1b[2K");
  }

  #clock(): string {
    const whole = Math.floor((Date.now() - this.#startedAt) / 1000);
    return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  }
}
