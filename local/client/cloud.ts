/** Starts and stops the local cloud, and calls its control routes. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { z } from "zod";
import { endChild, endOfLog, startChild } from "./child";
import { type CloudAddress, readCredentials } from "./credentials";
import { python, pythonEnvironment, shownPath } from "./paths";
import { LocalProblem } from "./problem";

const startTimeoutMilliseconds = 90_000;

const readyLine = z.discriminatedUnion("ready", [
  z.object({ ready: z.literal(true), endpoint: z.url() }),
  z.object({ ready: z.literal(false), error: z.string() }),
]);

const slackMessages = z.object({
  messages: z.array(z.object({ received_at: z.string(), message: z.record(z.string(), z.unknown()) })),
});
export type SlackMessage = z.infer<typeof slackMessages>["messages"][number];

export interface CloudOptions {
  port: number;
  /** A folder used only by this cloud; the caller empties it before a fresh start. */
  home: string;
  /** Keep the cloud running when this process exits. */
  keep: boolean;
  /** Start Spark with the first job. */
  lazySpark?: boolean;
  /** Receives the process ID before the cloud responds, so that the caller can end the process in any case. */
  onSpawn?: (pid: number) => void;
}

export class Cloud {
  private constructor(
    readonly endpoint: string,
    readonly port: number,
    readonly home: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts a cloud and waits until it responds. */
  static async start(options: CloudOptions): Promise<Cloud> {
    mkdirSync(options.home, { recursive: true });
    const log = join(dirname(options.home), "logs", "cloud.log");
    rmSync(log, { force: true });
    const parent = options.keep ? [] : ["--parent-pid", String(process.pid)];
    const spark = options.lazySpark ? ["--lazy-spark"] : [];
    let child: ChildProcess | undefined;
    try {
      const endpoint = await new Promise<string>((resolve, reject) => {
        const fail = (why: string) =>
          reject(
            new LocalProblem(
              `The local cloud did not start: ${why}`,
              `The end of ${shownPath(log)}:\n${endOfLog(log)}`,
            ),
          );
        const timer = setTimeout(
          () => fail(`no answer after ${startTimeoutMilliseconds / 1000} s`),
          startTimeoutMilliseconds,
        );
        child = startChild({
          command: python,
          args: ["-m", "daybreak_local", "--port", String(options.port), "--home", options.home, ...parent, ...spark],
          env: { ...process.env, ...pythonEnvironment },
          log,
          onLine: (line) => {
            const ready = readyLine.safeParse(line);
            if (!ready.success) return;
            clearTimeout(timer);
            if (ready.data.ready) resolve(ready.data.endpoint);
            else reject(new LocalProblem(ready.data.error, "Choose another port with --port, such as --port 4600."));
          },
        });
        if (child.pid !== undefined) options.onSpawn?.(child.pid);
        child.once("error", (error) => fail(error.message));
        child.once("exit", (code, signal) => {
          clearTimeout(timer);
          fail(`it exited (${code ?? signal})`);
        });
      });
      if (child === undefined) throw new LocalProblem("The local cloud did not start.");
      return new Cloud(endpoint, options.port, options.home, child);
    } catch (error) {
      if (child !== undefined) await endChild(child);
      throw error;
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    await endChild(this.child);
  }

  /** Lets this process exit while the cloud keeps running; the caller keeps the pid, to stop it later. */
  release(): void {
    this.child.stdout?.destroy();
    this.child.unref();
  }
}

async function route(cloud: CloudAddress, method: "GET" | "POST", name: string): Promise<unknown> {
  const { accessKeyId, secretAccessKey } = readCredentials(cloud);
  const pair = Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString("base64");
  const url = `${cloud.endpoint}/_daybreak/${name}`;
  const response = await fetch(url, { method, headers: { authorization: `Basic ${pair}` } });
  if (response.ok) return response.json();
  throw new LocalProblem(`${method} ${url} returned ${response.status}: ${await response.text()}`);
}

/** Flushes the buffers of Firehose and data capture. */
export async function flush(cloud: CloudAddress): Promise<void> {
  await route(cloud, "POST", "flush");
}

/** The local cloud's status: running jobs and unflushed buffers. */
export async function localStatus(cloud: CloudAddress): Promise<unknown> {
  return route(cloud, "GET", "status");
}

/** The messages posted to the Slack emulator. */
export async function slackMessagesAt(cloud: CloudAddress): Promise<SlackMessage[]> {
  return slackMessages.parse(await route(cloud, "GET", "slack")).messages;
}

/** A free loopback port. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
