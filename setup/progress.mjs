/** Prints setup's progress to stderr: a line when a step starts and ends, and the steps still running in between. */
const STILL_EVERY_MS = 15_000;

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

export class Progress {
  #active = new Map();
  #timer;
  #isTerminal = process.stderr.isTTY === true;

  start(title) {
    this.#active.set(title, Date.now());
    if (this.#isTerminal) this.#timer ??= setInterval(() => this.#draw(), 250);
    else {
      this.#line(`… ${title}`);
      this.#timer ??= setInterval(() => this.#line(`  ${this.#waitingFor()}`), STILL_EVERY_MS);
    }
  }

  done(title) {
    this.#line(`✓ ${title} (${seconds(this.#active.get(title) ?? Date.now())})`);
    this.#end(title);
  }

  /** @param {string} mark a dash where the step was interrupted */
  failed(title, mark = "✗") {
    this.#line(`${mark} ${title}`);
    this.#end(title);
  }

  note(text) {
    this.#line(text);
  }

  #end(title) {
    this.#active.delete(title);
    if (this.#active.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #waitingFor() {
    return `running: ${[...this.#active].map(([title, since]) => `${title} ${seconds(since)}`).join(", ")}`;
  }

  #draw() {
    process.stderr.write(`\r\x1b[2K  ${this.#waitingFor()}`);
  }

  #line(text) {
    process.stderr.write(`${this.#isTerminal ? "\r\x1b[2K" : ""}${text}\n`);
  }
}
