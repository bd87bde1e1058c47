/** A dedicated local cloud for a test, and the deployer as the demo runs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { environmentOf, readCredentials } from "../../../client/credentials";

const ROOT = resolve(__dirname, "../../../..");
const PYTHON = join(ROOT, ".daybreak/python/bin/python");

/** The output and exit code of one deployer run. */
export interface Run {
  code: number | null;
  events: Record<string, unknown>[];
  last: Record<string, unknown>;
  stderr: string;
}

export class LocalCloud {
  private constructor(
    readonly endpoint: string,
    readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<LocalCloud> {
    const folder = mkdtempSync(join(tmpdir(), "daybreak-loop-deploy-"));
    const port = await freePort();
    const options = [
      "-m",
      "daybreak_local",
      "--port",
      String(port),
      "--home",
      folder,
      "--parent-pid",
      String(process.pid),
      "--lazy-spark",
    ];
    const child = spawn(PYTHON, options, { cwd: join(ROOT, "local"), stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.resume();
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"ready"')) return new LocalCloud(`http://127.0.0.1:${port}`, folder, child);
    }
    throw new Error(`The local cloud did not start on port ${port}.`);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get credentials() {
    return readCredentials({ endpoint: this.endpoint, home: this.folder });
  }

  get statePath(): string {
    return join(this.folder, "deployment.json");
  }

  /** Runs the deployer. `killAfter` kills it once that many resources are done. */
  deploy(
    config: Record<string, string>,
    options: {
      program?: string;
      environment?: Record<string, string>;
      killAfter?: number;
      endpoint?: string;
      yes?: boolean;
    } = {},
  ): Promise<Run> {
    const configPath = join(this.folder, "config.json");
    writeFileSync(configPath, JSON.stringify(config));
    const given = ["--endpoint", options.endpoint ?? this.endpoint, "--state", this.statePath, "--config", configPath];
    const program = options.program === undefined ? [] : ["--program", options.program];
    if (options.yes) given.push("--yes");
    const child = spawn(process.execPath, [join(ROOT, "local/deploy/start.cjs"), ...given, ...program], {
      cwd: ROOT,
      env: { ...environmentOf({ endpoint: this.endpoint, home: this.folder }), ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return watch(child, options.killAfter ?? Number.POSITIVE_INFINITY);
  }
}

async function watch(child: ChildProcess, killAfter: number): Promise<Run> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("The deployer was started without pipes.");
  const ended = once(child, "close");
  let said = "";
  stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const events: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: stdout })) {
    const event: Record<string, unknown> = JSON.parse(line);
    events.push(event);
    if (typeof event.done === "number" && event.done >= killAfter) child.kill("SIGKILL");
  }
  const [code] = (await ended) as [number | null];
  return { code, events, last: events.at(-1) ?? {}, stderr: said };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return address.port;
}
