/** The local cloud that all passes share: starts it, deploys to it, kills it, starts it again, and checks that all its processes end. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Cloud, type CloudAddress, freePort, useLocalCloud } from "@daybreak/local";
import { identityOf, isAlive, listProcesses, type RunningProcess, signalProcess } from "../cli/clouds/processes";
import { AlertInbox } from "../cli/demo/alerts";
import { deployStack, postAlertsTo } from "../cli/shared/deployment";
import type { StackOutputs } from "../contracts/stack-outputs";
import { descendantsOf } from "./processes";
import type { Shop } from "./shop";

const endTimeoutMilliseconds = 20_000;
const pollMilliseconds = 250;

interface Started {
  cloud: Cloud;
  outputs: StackOutputs;
  inbox: AlertInbox;
}

export class SharedCloud {
  /** Every process that the cloud has had, by process ID and start time. */
  readonly #known = new Map<string, RunningProcess>();
  #killed = false;

  private constructor(
    private readonly home: string,
    private readonly shop: Shop,
    private readonly pipelines: string[],
    private started: Started,
  ) {}

  /** Starts a cloud in a folder and deploys the pipelines to it. */
  static async start(home: string, shop: Shop, pipelines: string[]): Promise<SharedCloud> {
    return new SharedCloud(home, shop, pipelines, await startAndDeploy(home, shop, pipelines));
  }

  get address(): CloudAddress {
    return this.started.cloud;
  }

  get outputs(): StackOutputs {
    return this.started.outputs;
  }

  get inbox(): AlertInbox {
    return this.started.inbox;
  }

  get isKilled(): boolean {
    return this.#killed;
  }

  /** The cloud's processes now, without its own. */
  tree(): RunningProcess[] {
    const tree = descendantsOf(this.started.cloud.pid, listProcesses());
    for (const one of tree) this.#known.set(`${one.pid} ${one.started}`, one);
    return tree;
  }

  /** Kills the cloud's own process; returns the processes that it started, which must notice this and end. */
  kill(): RunningProcess[] {
    this.tree();
    const orphans = [...this.#known.values()];
    this.#known.clear();
    const own = identityOf(this.started.cloud.pid);
    if (own !== undefined) signalProcess(own, "SIGKILL");
    this.#killed = true;
    return orphans;
  }

  /** Starts a killed cloud again in the same folder. At another port, because clients of the first one have its keys. */
  async startAgain(): Promise<void> {
    this.started = await startAndDeploy(this.home, this.shop, this.pipelines);
    this.#killed = false;
  }

  async stop(): Promise<void> {
    this.tree();
    await this.started.cloud.stop();
  }

  /** The processes that outlive the cloud. */
  async leftRunning(): Promise<RunningProcess[]> {
    const until = Date.now() + endTimeoutMilliseconds;
    for (;;) {
      const left = [...this.#known.values()].filter(isAlive);
      if (left.length === 0 || Date.now() > until) return left;
      await sleep(pollMilliseconds);
    }
  }
}

async function startAndDeploy(home: string, shop: Shop, pipelines: string[]): Promise<Started> {
  const cloud = await Cloud.start({ port: await freePort(), home: join(home, "cloud"), keep: false });
  try {
    useLocalCloud(cloud);
    const { outputs } = await deployStack({
      cloud,
      folder: join(home, "deploy"),
      pipelines,
      pipelinesFolder: shop.pipelinesFolder,
      onProgress: () => undefined,
    });
    await postAlertsTo(cloud, outputs);
    const inbox = await AlertInbox.subscribe(outputs.alertTopicArn, "daybreak-faults");
    return { cloud, outputs, inbox };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}
