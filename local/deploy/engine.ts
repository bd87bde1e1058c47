/**
 * Creates, updates, replaces and deletes resources, and records each step in the state. Independent of Pulumi's protocol
 * (monitor.ts) and of AWS (adapters/).
 */
import { isDeepStrictEqual } from "node:util";
import type { Adapter, AdapterContext, Existing } from "./adapter";
import { alreadyExists, DeploymentError, describeFailure, duplicate, isNotFound, noAdapter } from "./errors";
import { contextOf, limiter, logicalName } from "./naming";
import { type Action, checkInputs, formsOf, type Plan, type PlannerOptions, type Registration } from "./plan";
import type { ResourceRecord } from "./state";

export interface ResourceEvent {
  urn: string;
  resourceType: string;
  name: string;
  action: Action;
  seconds: number;
}

export interface EngineOptions extends PlannerOptions {
  plan: Plan;
  onResource: (event: ResourceEvent) => void;
}

/** Maximum number of concurrent resource operations. */
const PARALLEL = 16;

export class Engine {
  private readonly seen = new Set<string>();
  private readonly underWay = new Set<Promise<unknown>>();
  private stopped = false;
  private readonly limit = limiter(PARALLEL);

  constructor(private readonly options: EngineOptions) {}

  /** Deletes, newest first, the resources to be replaced with delete-before-create. */
  async deleteFirst(): Promise<void> {
    const { plan, state } = this.options;
    const going = state
      .records()
      .filter(([urn]) => plan.step(urn)?.action === "replace" && plan.step(urn)?.deleteFirst);
    for (const [urn, record] of going.reverse()) await this.remove(urn, record);
  }

  /** Creates, updates or replaces the resource; does nothing if its inputs are unchanged. */
  async apply(registration: Registration): Promise<Existing> {
    const { urn, type, protect, retain } = registration;
    const { state, plan, cloud } = this.options;
    if (this.seen.has(urn)) throw duplicate(urn, type);
    this.seen.add(urn);
    const adapter = this.adapterOf(urn, type);
    const before = state.record(urn);
    const forms = formsOf(registration, state, before);
    if (before !== undefined && before.pending === undefined && isDeepStrictEqual(before.inputs, forms)) {
      if (before.protect !== protect || before.retain !== retain) await state.put(urn, { ...before, protect, retain });
      this.report(urn, type, "same", 0);
      return { id: before.id, outputs: before.outputs };
    }
    const inputs = checkInputs(adapter, urn, registration.inputs);
    const context = contextOf(cloud, urn);
    const existing = state.existing(urn);
    const difference = existing && adapter.difference(context, existing.inputs, forms);
    const replaced = difference !== undefined && difference.replacing.length > 0 ? existing : undefined;
    const planned = plan.step(urn)?.action;
    if (replaced && planned !== "replace") throw unplanned(urn, type, difference?.replacing ?? []);

    return this.whileRunning(async () => {
      const started = performance.now();
      if (replaced && difference?.deleteFirst) await this.remove(urn, replaced);
      // The old resource stays in the state under a URN that no program registers, so that removeUnwanted deletes it.
      else if (replaced) await state.put(`${urn}#${replaced.sequence}`, replaced);
      const kept = replaced ? undefined : before;
      const record = {
        type,
        id: kept?.id ?? adapter.idOf(context, inputs) ?? "",
        sequence: kept?.sequence ?? state.nextSequence(),
        inputs: kept?.inputs ?? forms,
        outputs: kept?.outputs ?? {},
        protect,
        retain,
      };
      const updated = replaced ? undefined : existing;
      const call = updated ? "update" : "create";
      await state.put(urn, { ...record, pending: call });
      const made = await (updated
        ? adapter.update(context, inputs, updated)
        : this.create(urn, adapter, context, inputs, kept)
      ).catch((error: unknown) => {
        throw describeFailure(error, urn, type, call);
      });
      await state.put(urn, { ...record, inputs: forms, id: made.id, outputs: made.outputs });
      const action = !updated && planned === "replace" ? "replace" : call;
      this.report(urn, type, action, performance.now() - started);
      return made;
    });
  }

  /** Starts no further operation, and waits until those in progress have ended and are recorded. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.underWay);
  }

  /** Deletes, newest first, the resources in the state that the program no longer declares. */
  async removeUnwanted(): Promise<void> {
    const unwanted = this.options.state.records().filter(([urn]) => !this.seen.has(urn));
    for (const [urn, record] of unwanted.reverse()) {
      if (record.retain || this.isDeclared(record)) {
        await this.options.state.remove(urn);
        continue;
      }
      const started = performance.now();
      await this.remove(urn, record);
      this.report(urn, record.type, "delete", performance.now() - started);
    }
  }

  /** Whether another URN now declares the same physical resource, as after reverting an interrupted replacement. */
  private isDeclared({ type, id }: ResourceRecord): boolean {
    return this.options.state
      .records()
      .some(([urn, record]) => this.seen.has(urn) && record.type === type && record.id === id && id !== "");
  }

  private async remove(urn: string, record: ResourceRecord): Promise<void> {
    if (record.retain) return this.options.state.remove(urn);
    const adapter = this.adapterOf(urn, record.type);
    // If the creation was interrupted, the resource may not exist.
    const neverSeen = record.pending === "create";
    if (!neverSeen) await this.options.state.put(urn, { ...record, pending: "delete" });
    try {
      await adapter.delete(contextOf(this.options.cloud, urn), record);
    } catch (error) {
      if (!neverSeen && !isNotFound(error)) throw describeFailure(error, urn, record.type, "delete");
    }
    await this.options.state.remove(urn);
  }

  /** `interrupted` is the record left by a deployment that died while creating or deleting this resource. */
  private async create(
    urn: string,
    adapter: Adapter,
    context: AdapterContext,
    inputs: Record<string, unknown>,
    interrupted: ResourceRecord | undefined,
  ): Promise<Existing> {
    try {
      return await adapter.create(context, inputs);
    } catch (error) {
      if (!alreadyExists(error)) throw error;
      // The existing resource is not ours: drop the record, so that no later deployment adopts it.
      if (interrupted === undefined) await this.options.state.remove(urn);
      const id = interrupted && adapter.idOf(context, inputs);
      if (id === undefined) throw error;
      // The existing resource is ours but may be incomplete: recreate it.
      await adapter.delete(context, { id, inputs: interrupted?.inputs ?? {}, outputs: {} });
      return adapter.create(context, inputs);
    }
  }

  /** Runs the work within the concurrency limit; after stop() the promise never settles. */
  private whileRunning<T>(work: () => Promise<T>): Promise<T> {
    return this.limit(async () => {
      if (this.stopped) return new Promise<never>(() => undefined);
      const running = work();
      this.underWay.add(running);
      try {
        return await running;
      } finally {
        this.underWay.delete(running);
      }
    });
  }

  private adapterOf(urn: string, type: string): Adapter {
    const adapter = this.options.adapters.get(type);
    if (adapter === undefined) throw noAdapter(urn, type);
    return adapter;
  }

  private report(urn: string, resourceType: string, action: Action, milliseconds: number): void {
    const seconds = Math.round(milliseconds) / 1000;
    this.options.onResource({ urn, resourceType, name: logicalName(urn), action, seconds });
  }
}

function unplanned(urn: string, type: string, replacing: readonly string[]): DeploymentError {
  return new DeploymentError(
    `${logicalName(urn)} (${type}) must be replaced, because ${replacing.join(", ")} changed during the deployment, after the plan was made.`,
    { urn, resourceType: type, advice: "Deploy again: the new plan will include the replacement." },
  );
}
