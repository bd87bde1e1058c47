/** Drives a Chromium that is installed here over its debugging pipe: no driver to install, no port to open. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const flags = [
  ...["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"],
];
/** A page of the report is checked within seconds; a browser that does not answer for so long never will. */
const answerMilliseconds = 120_000;

const isProgram = (file: string) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The path of a Chromium or Chrome: `CHROMIUM`, or one on the `PATH`, or an application of macOS; undefined without one. */
export function findChromium(): string | undefined {
  const { CHROMIUM, PATH = "" } = process.env;
  if (CHROMIUM !== undefined && CHROMIUM !== "") return CHROMIUM;
  const onPath = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...applications].find(isProgram);
}

const message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  sessionId: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Message = z.infer<typeof message>;

interface Waiting {
  method: string;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export class Chromium {
  readonly #process: ChildProcess;
  readonly #home = mkdtempSync(join(tmpdir(), "chromium-"));
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(message: Message) => void>();
  #last = 0;
  #rest = "";

  constructor(program: string) {
    // Chromium's sandbox does not run as root, as which containers do.
    const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    this.#process = spawn(program, [...flags, ...root, `--user-data-dir=${this.#home}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.#process.once("error", (error) => this.#fail(error));
    this.#process.once("exit", (code) => this.#fail(new Error(`${program} ended with ${code}`)));
    (this.#process.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.#read(text));
  }

  /** Calls a method of the DevTools protocol. */
  call(method: string, params: Record<string, unknown> = {}, sessionId?: string): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${method}: no answer within ${answerMilliseconds / 1000} s`)),
        answerMilliseconds,
      );
      this.#waiting.set(id, { method, resolve, reject, timer });
    });
  }

  /** Listens to the events of a page; returns how to stop. */
  listen(sessionId: string, method: string, listener: (params: unknown) => void): () => void {
    const wrapped = (event: Message) => {
      if (event.sessionId === sessionId && event.method === method) listener(event.params);
    };
    this.#listeners.add(wrapped);
    return () => this.#listeners.delete(wrapped);
  }

  /** Opens an empty page; returns its session. */
  async open(): Promise<string> {
    const { targetId } = z
      .object({ targetId: z.string() })
      .parse(await this.call("Target.createTarget", { url: "about:blank" }));
    const attached = await this.call("Target.attachToTarget", { targetId, flatten: true });
    return z.object({ sessionId: z.string() }).parse(attached).sessionId;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
    rmSync(this.#home, { recursive: true, force: true });
  }

  #read(text: string): void {
    const parts = `${this.#rest}${text}`.split("\0");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) this.#take(message.parse(JSON.parse(part)));
  }

  #take(received: Message): void {
    if (received.id === undefined) {
      for (const listener of this.#listeners) listener(received);
      return;
    }
    const waiting = this.#waiting.get(received.id);
    this.#waiting.delete(received.id);
    clearTimeout(waiting?.timer);
    if (received.error === undefined) waiting?.resolve(received.result);
    else waiting?.reject(new Error(`${waiting.method}: ${received.error.message}`));
  }

  #fail(error: Error): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}
