/** Stores events that could not be sent, as JSON lines with the row's number, the reason and the data. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Rejected } from "./send";

export class RejectsFile {
  #file: number | undefined;

  constructor(readonly path: string) {}

  add(rejected: Rejected): void {
    if (this.#file === undefined) {
      mkdirSync(dirname(this.path), { recursive: true });
      this.#file = openSync(this.path, "a");
    }
    writeSync(this.#file, `${JSON.stringify(rejected)}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
