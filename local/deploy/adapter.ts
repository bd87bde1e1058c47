/** The adapter interface: how one Pulumi resource type is created, updated and deleted through the AWS API. */
import { z } from "zod";
import type { Clients } from "./clients";
import { changedKeys, isUnknownForm } from "./values";

export interface Cloud {
  clients: Clients;
  accountId: string;
  region: string;
  partition: string;
  endpoint: string;
}

export interface AdapterContext extends Cloud {
  /** The physical name if the program sets none (auto-naming); deterministic. */
  automaticName: string;
}

type Inputs = Record<string, unknown>;

/** An existing resource: its id, and those outputs of the real provider that a program can use. */
export interface Existing {
  id: string;
  outputs: Record<string, unknown>;
}

/** An existing resource with its last inputs (secrets and files as hashes). */
export interface Previous extends Existing {
  inputs: Inputs;
}

/**
 * One resource type. `inputs` is strict at every level: an unlisted key stops the deployment, so no declared input is silently
 * ignored. Only tags are accepted and ignored.
 */
export interface AdapterDefinition<Wanted> {
  type: string;
  inputs: z.ZodType<Wanted>;
  /** Inputs whose change forces a replacement, as in the real provider. */
  replaceOn?: readonly (keyof Wanted & string)[];
  /** The data lost when the resource is deleted, if the program cannot recreate it. */
  holds?: string;
  create(context: AdapterContext, inputs: Wanted): Promise<Existing>;
  /** Returns the outputs; the id stays. If absent, any change forces a replacement. */
  update?(context: AdapterContext, inputs: Wanted, previous: Previous): Promise<Existing>;
  delete(context: AdapterContext, previous: Previous): Promise<void>;
  /**
   * The physical id, if it follows from the inputs. It lets the engine recreate a resource whose creation was interrupted, and
   * delete before create if both would have the same id.
   */
  idOf?(context: AdapterContext, inputs: Wanted): string;
}

/** An adapter without its type parameter, so that one registry can hold all types. */
export interface Adapter {
  readonly type: string;
  readonly inputs: z.ZodType<unknown>;
  readonly holds: string | undefined;
  create(context: AdapterContext, inputs: unknown): Promise<Existing>;
  update(context: AdapterContext, inputs: unknown, previous: Previous): Promise<Existing>;
  delete(context: AdapterContext, previous: Previous): Promise<void>;
  idOf(context: AdapterContext, inputs: unknown): string | undefined;
  difference(context: AdapterContext, before: Inputs, after: Inputs): Difference;
}

export interface Difference {
  changed: string[];
  /** The changed inputs that force a replacement. */
  replacing: string[];
  /** Delete before create: the new resource has the same id, or its parent is itself deleted first. */
  deleteFirst: boolean;
}

/** Checks a definition against the type of its schema, and erases that type. */
export function defineAdapter<Wanted>(definition: AdapterDefinition<Wanted>): Adapter {
  const { type, holds, replaceOn = [], update } = definition;
  const inputs = z.preprocess(withoutTags, definition.inputs);
  const idOf = (context: AdapterContext, wanted: unknown) => definition.idOf?.(context, wanted as Wanted);
  return {
    type,
    inputs,
    holds,
    idOf,
    create: (context, wanted) => definition.create(context, inputs.parse(wanted)),
    update: async (context, wanted, previous) => {
      if (update === undefined) throw new Error(`${type} has no update`);
      return update(context, inputs.parse(wanted), previous);
    },
    delete: (context, previous) => definition.delete(context, previous),
    difference: (context, before, after) => {
      const changed = changedKeys(before, after);
      const replacing = update ? changed.filter((key) => replaceOn.some((one) => one === key)) : changed;
      const name = idOf(context, before);
      const sameName = name !== undefined && name === idOf(context, after);
      return { changed, replacing, deleteFirst: sameName || replacing.some((key) => isUnknownForm(after[key])) };
    },
  };
}

function withoutTags(inputs: unknown): unknown {
  if (typeof inputs !== "object" || inputs === null) return inputs;
  const { tags, ...others } = inputs as Inputs;
  return others;
}
