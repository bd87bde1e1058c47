/**
 * Brings one resource after another to what the program declares, and keeps the state. Knows nothing of Pulumi's protocol
 * (monitor.ts) nor of AWS (adapters/).
 */
import type { Adapter, AdapterContext, Existing } from "./adapter";
import { alreadyExists, DeploymentError, describeFailure, duplicate, isNotFound, noAdapter } from "./errors";
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
    const exists = before !== undefined && before.pending !== "create" && before.pending !== "delete";
    const replaced = exists && mustReplace(adapter, urn, before, forms);
    return this.whileRunning(async () => {
      const started = performance.now();
      const context = this.contextFor(registration);
      // What is replaced goes on under a name that the program never registers, until it is deleted with what is unwanted.
      if (replaced) await this.options.state.put(`${urn}#${before.sequence}`, before);
      const kept = replaced ? undefined : before;
      const record = {
        type,
        id: kept?.id ?? adapter.idOf(context, inputs) ?? "",
        sequence: kept?.sequence ?? this.options.state.nextSequence(),
        inputsHash: kept?.inputsHash ?? inputsHash,
        inputs: kept?.inputs ?? forms,
        outputs: kept?.outputs ?? {},
        protect: registration.protect,
      };
      const action = exists ? "update" : "create";
      const call = exists && !replaced ? "update" : "create";
      await this.options.state.put(urn, { ...record, pending: call });
      const made = await describing(registration, call, () =>
        exists && !replaced ? adapter.update(context, inputs, before) : this.create(adapter, context, inputs, kept),
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
      if (this.isDeclared(record)) {
        await this.options.state.remove(urn);
        continue;
      }
      const adapter = this.options.adapters.get(record.type);
      const registration = { urn, type: record.type, name: logicalName(urn) };
      if (record.protect || adapter === undefined || !adapter.deletes) {
        this.report(registration, "orphan", 0);
        continue;
      }
      const started = performance.now();
      // Set when the creation itself was never seen to end: then it is not sure that there is anything to delete.
      const neverSeen = record.pending === "create";
      if (!neverSeen) await this.options.state.put(urn, { ...record, pending: "delete" });
      const gone = await this.tryToDelete(adapter, registration, record, neverSeen);
      await this.options.state.remove(urn);
      this.report(registration, gone ? "delete" : "orphan", performance.now() - started);
    }
  }

  /** Whether the same thing is declared under another URN by now, as when a replacement is taken back half-way. */
  private isDeclared({ type, id }: ResourceRecord): boolean {
    return this.options.state
      .records()
      .some(([urn, record]) => this.seen.has(urn) && record.type === type && record.id === id && id !== "");
  }

  private async tryToDelete(
    adapter: Adapter,
    registration: Pick<Registration, "urn" | "type" | "name">,
    record: ResourceRecord,
    neverSeen: boolean,
  ): Promise<boolean> {
    try {
      await adapter.delete(this.contextFor(registration), record);
      return true;
    } catch (error) {
      if (isNotFound(error)) return true;
      if (neverSeen) return false;
      throw describeFailure(error, registration.urn, registration.type, "delete");
    }
  }

  /** `interrupted` is the record of an earlier deployment that died while it made or deleted this resource. */
  private async create(
    adapter: Adapter,
    context: AdapterContext,
    inputs: Record<string, unknown>,
    interrupted: ResourceRecord | undefined,
  ): Promise<Existing> {
    try {
      return await adapter.create(context, inputs);
    } catch (error) {
      const id = interrupted !== undefined && alreadyExists(error) ? adapter.idOf(context, inputs) : undefined;
      if (id === undefined || !adapter.deletes) throw error;
      // What is there was made by us, and perhaps not wholly: it is made again.
      await adapter.delete(context, { ...interrupted, id, inputs: interrupted?.inputs ?? {}, outputs: {} });
      return adapter.create(context, inputs);
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

async function describing<Result>(
  { urn, type }: Pick<Registration, "urn" | "type">,
  action: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw describeFailure(error, urn, type, action);
  }
}

/** Whether a change needs a new resource; an error where the deployer may not make one. */
function mustReplace(adapter: Adapter, urn: string, before: ResourceRecord, forms: Record<string, unknown>): boolean {
  const changed = changedKeys(before.inputs, forms);
  const replacing = adapter.updates ? changed.filter((key) => adapter.replaceOn.includes(key)) : changed;
  if (replacing.length === 0) return false;
  if (adapter.replaceable && !before.protect) return true;
  throw new DeploymentError(
    `${logicalName(urn)} (${adapter.type}) must be replaced, because ${replacing.join(", ")} changed: the local deployer does not replace what may hold data or a name.`,
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
