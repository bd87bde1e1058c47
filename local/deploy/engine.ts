/**
 * Brings one resource after another to what the program declares, and keeps the state. Knows nothing of Pulumi's protocol
 * (monitor.ts) nor of AWS (adapters/).
 */
import type { Adapter, AdapterContext, Existing, Previous } from "./adapter";
import { alreadyExists, DeploymentError, describeFailure, duplicate, noAdapter } from "./errors";
import { automaticName, limiter } from "./naming";
import { checkInputs } from "./plan";
import type { ResourceRecord, State } from "./state";
import { changedKeys, formHash, isPlainObject, storableForm } from "./values";

/** A resource as the program registered it. */
export interface Registration {
  urn: string;
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  protect: boolean;
}

export type ResourceAction = "create" | "update" | "same" | "delete" | "orphan";

export interface ResourceEvent {
  urn: string;
  resourceType: string;
  name: string;
  action: ResourceAction;
  seconds: number;
}

export interface EngineOptions {
  adapters: ReadonlyMap<string, Adapter>;
  state: State;
  /** Everything an adapter needs except what belongs to one resource. */
  context: Omit<AdapterContext, "urn" | "name" | "automaticName">;
  onResource: (event: ResourceEvent) => void;
  /** How many calls may be under way at once. */
  parallel?: number;
}

const DEFAULT_PARALLEL = 16;

export class Engine {
  private readonly seen = new Set<string>();
  private readonly underWay = new Set<Promise<unknown>>();
  private stopped = false;
  private readonly limit: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(private readonly options: EngineOptions) {
    this.limit = limiter(options.parallel ?? DEFAULT_PARALLEL);
  }

  /** Creates or updates the resource, or does nothing when it is as declared. */
  async apply(registration: Registration): Promise<Existing> {
    const { urn, type } = registration;
    if (this.seen.has(urn)) throw duplicate(urn, type);
    this.seen.add(urn);
    const adapter = this.options.adapters.get(type);
    if (adapter === undefined) throw noAdapter(urn, type);

    const before = this.options.state.record(urn);
    const forms = storable(registration.inputs, this.options.state.salt);
    const inputsHash = formHash(forms);
    if (before !== undefined && before.pending === undefined && before.inputsHash === inputsHash) {
      if (before.protect !== registration.protect) {
        await this.options.state.put(urn, { ...before, protect: registration.protect });
      }
      this.report(registration, "same", 0);
      return { id: before.id, outputs: before.outputs };
    }

    const inputs = checkInputs(adapter, urn, registration.inputs);
    const isNew = before === undefined || before.pending === "create";
    const action = isNew ? "create" : "update";
    if (!isNew) refuseReplacement(adapter, urn, before, forms);
    return this.whileRunning(async () => {
      const started = performance.now();
      const record = {
        type,
        id: before?.id ?? "",
        sequence: before?.sequence ?? this.options.state.nextSequence(),
        inputsHash: before?.inputsHash ?? inputsHash,
        inputs: before?.inputs ?? forms,
        outputs: before?.outputs ?? {},
        protect: registration.protect,
      };
      await this.options.state.put(urn, { ...record, pending: action });
      const made = await this.carryOut(
        adapter,
        registration,
        inputs,
        forms,
        isNew ? undefined : before,
        before?.pending,
      );
      await this.options.state.put(urn, { ...record, inputsHash, inputs: forms, id: made.id, outputs: made.outputs });
      this.report(registration, action, performance.now() - started);
      return made;
    });
  }

  /** Begins nothing more, and waits until the calls under way have ended and are recorded. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.underWay);
  }

  /** Deletes, newest first, what the state knows and the program no longer has. */
  async removeUnwanted(): Promise<void> {
    const unwanted = this.options.state.records().filter(([urn]) => !this.seen.has(urn));
    for (const [urn, record] of unwanted.reverse()) {
      const adapter = this.options.adapters.get(record.type);
      const registration = { urn, type: record.type, name: logicalName(urn) };
      if (record.protect || adapter === undefined || !adapter.deletes) {
        this.report(registration, "orphan", 0);
        continue;
      }
      const started = performance.now();
      await this.options.state.put(urn, { ...record, pending: "delete" });
      try {
        await adapter.delete(this.contextFor(registration), record);
      } catch (error) {
        throw describeFailure(error, urn, record.type, "delete");
      }
      await this.options.state.remove(urn);
      this.report(registration, "delete", performance.now() - started);
    }
  }

  private async carryOut(
    adapter: Adapter,
    registration: Registration,
    inputs: Record<string, unknown>,
    forms: Record<string, unknown>,
    previous: Previous | undefined,
    interrupted: ResourceRecord["pending"],
  ): Promise<Existing> {
    const context = this.contextFor(registration);
    const action = previous === undefined ? "create" : "update";
    try {
      if (previous !== undefined) return await adapter.update(context, inputs, previous);
      try {
        return await adapter.create(context, inputs);
      } catch (error) {
        // An earlier deployment died between the call and its answer: what it made is ours to make again.
        const id = interrupted === "create" && alreadyExists(error) ? adapter.idOf(context, inputs) : undefined;
        if (id === undefined || !adapter.deletes) throw error;
        await adapter.delete(context, { id, inputs: forms, outputs: {} });
        return await adapter.create(context, inputs);
      }
    } catch (error) {
      throw describeFailure(error, registration.urn, registration.type, action);
    }
  }

  /** Runs the work when its turn comes; after a stop it never comes, and nobody is told. */
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

  private contextFor({ urn, name }: { urn: string; name: string }): AdapterContext {
    return { ...this.options.context, urn, name, automaticName: automaticName(name, urn) };
  }

  private report(of: { urn: string; type: string; name: string }, action: ResourceAction, milliseconds: number): void {
    const { urn, type, name } = of;
    this.options.onResource({ urn, resourceType: type, name, action, seconds: Math.round(milliseconds) / 1000 });
  }
}

function refuseReplacement(
  adapter: Adapter,
  urn: string,
  before: ResourceRecord,
  forms: Record<string, unknown>,
): void {
  const changed = changedKeys(before.inputs, forms);
  const replacing = adapter.updates ? changed.filter((key) => adapter.replaceOn.includes(key)) : changed;
  if (replacing.length === 0) return;
  throw new DeploymentError(
    `${logicalName(urn)} (${adapter.type}) must be replaced, because ${replacing.join(", ")} changed: the local deployer creates, updates and deletes, but never replaces.`,
    {
      urn,
      resourceType: adapter.type,
      advice: "`npm run demo` starts fresh; on AWS `pulumi up` replaces the resource.",
    },
  );
}

function storable(inputs: Record<string, unknown>, salt: string): Record<string, unknown> {
  const form = storableForm(inputs, salt);
  // Undefined values vanish in JSON, so they must not count here either.
  const asJson: unknown = JSON.parse(JSON.stringify(form));
  if (!isPlainObject(asJson)) throw new Error("The inputs of a resource are always an object.");
  return asJson;
}

function logicalName(urn: string): string {
  return urn.split("::").pop() ?? urn;
}
