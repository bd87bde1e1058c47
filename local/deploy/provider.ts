/**
 * The adapters as a Pulumi provider named `aws`, with which the real engine deploys to the local cloud. The engine keeps the
 * state and orders the operations; Diff follows the same rules as plan.ts.
 */
import type { provider } from "@pulumi/pulumi";
import type { Adapter, AdapterContext, Cloud, Previous } from "./adapter";
import { describeFailure, noAdapter } from "./errors";
import { callFunction } from "./functions";
import { contextOf, typeOf } from "./naming";
import { inputIssues } from "./plan";
import { isPlainObject, reveal, storableInputs } from "./values";
import { decodeObject } from "./wire";

type Wire = Record<string, unknown>;

/** The output that holds the last inputs: the engine passes a TypeScript provider only the old outputs. */
const INPUTS = "__inputs";
/** No salt needed: the hashes of secrets stay in the engine's state. */
const SALT = "";

export class AdapterProvider implements provider.Provider {
  private connected: Promise<Cloud> | undefined;

  constructor(
    private readonly adapters: ReadonlyMap<string, Adapter>,
    private readonly connect: () => Promise<Cloud>,
    readonly version: string,
  ) {}

  async check(urn: string, _olds: Wire, news: Wire): Promise<provider.CheckResult> {
    const reasons = inputIssues(this.adapterOf(urn), decodeObject(news));
    return { inputs: news, failures: reasons.map((reason) => ({ property: "", reason })) };
  }

  async diff(id: string, urn: string, olds: Wire, news: Wire): Promise<provider.DiffResult> {
    const before = storableInputs(previous(id, olds).inputs, SALT);
    const after = storableInputs(plain(news), SALT);
    const { changed, replacing, deleteFirst } = this.adapterOf(urn).difference(await this.context(urn), before, after);
    return { changes: changed.length > 0, replaces: replacing, deleteBeforeReplace: deleteFirst };
  }

  async create(urn: string, news: Wire): Promise<provider.CreateResult> {
    const made = await this.calling("create", urn, (adapter, context) => adapter.create(context, plain(news)));
    return { id: made.id, outs: { ...news, ...made.outputs, [INPUTS]: news } };
  }

  async update(id: string, urn: string, olds: Wire, news: Wire): Promise<provider.UpdateResult> {
    const before = previous(id, olds);
    const stored = { ...before, inputs: storableInputs(before.inputs, SALT) };
    const made = await this.calling("update", urn, (adapter, context) => adapter.update(context, plain(news), stored));
    return { outs: { ...olds, ...news, ...made.outputs, [INPUTS]: news } };
  }

  async delete(id: string, urn: string, olds: Wire): Promise<void> {
    await this.calling("delete", urn, (adapter, context) => adapter.delete(context, previous(id, olds)));
  }

  async invoke(token: string): Promise<provider.InvokeResult> {
    return { outputs: await callFunction(token, await this.cloud()) };
  }

  private adapterOf(urn: string): Adapter {
    const adapter = this.adapters.get(typeOf(urn));
    if (adapter === undefined) throw noAdapter(urn, typeOf(urn));
    return adapter;
  }

  private cloud(): Promise<Cloud> {
    this.connected ??= this.connect();
    return this.connected;
  }

  private async context(urn: string): Promise<AdapterContext> {
    return contextOf(await this.cloud(), urn);
  }

  private async calling<Made>(
    action: string,
    urn: string,
    work: (adapter: Adapter, context: AdapterContext) => Promise<Made>,
  ): Promise<Made> {
    const adapter = this.adapterOf(urn);
    try {
      return await work(adapter, await this.context(urn));
    } catch (error) {
      const failure = describeFailure(error, urn, adapter.type, action);
      throw new Error([failure.message, failure.facts.advice].filter(Boolean).join("\n"), { cause: failure });
    }
  }
}

function plain(wire: Wire): Wire {
  return reveal(decodeObject(wire)) as Wire;
}

/** The existing resource, from the outputs in the engine's state. */
function previous(id: string, olds: Wire): Previous {
  const { [INPUTS]: inputs, ...outputs } = plain(olds);
  return { id, inputs: isPlainObject(inputs) ? inputs : {}, outputs };
}
