/** What an adapter is: how one resource type of the Pulumi program is created, changed and deleted with AWS's own API. */
import { z } from "zod";
import type { Clients } from "./clients";
import { changedKeys, isUnknownForm } from "./values";

/** The cloud as adapters see it. */
export interface Cloud {
  clients: Clients;
  accountId: string;
  region: string;
  partition: string;
  endpoint: string;
}

/** What an adapter works with. */
export interface AdapterContext extends Cloud {
  /** The physical name of a resource to which the program gave none: the same every time. */
  automaticName: string;
}

type Inputs = Record<string, unknown>;

/** What exists: its id, and the outputs that the real provider gives, as far as a program can use them. */
export interface Existing {
  id: string;
  outputs: Record<string, unknown>;
}

/** What exists, with the inputs it was made from (secrets and files in them are hashes). */
export interface Previous extends Existing {
  inputs: Inputs;
}

/**
 * One resource type. `inputs` is strict at every level: a key that it does not list stops the deployment, so nothing that
 * the program declares is dropped in silence. Tags are the one exception: they are accepted, and nothing here reads them.
 */
export interface AdapterDefinition<Wanted> {
  type: string;
  inputs: z.ZodType<Wanted>;
  /** Inputs whose change means a new resource, as with the real provider. */
  replaceOn?: readonly (keyof Wanted & string)[];
  /** What is lost with the resource, where that is more than the program can make again. */
  holds?: string;
  create(context: AdapterContext, inputs: Wanted): Promise<Existing>;
  /** Absent: any change means a new resource. Returns the outputs; the id stays. */
  update?(context: AdapterContext, inputs: Wanted, previous: Previous): Promise<Existing>;
  delete(context: AdapterContext, previous: Previous): Promise<void>;
  /**
   * The name under which the cloud knows it, when it follows from the inputs. With it, what an interrupted deployment had
   * begun can be found and made again, and two of one name are not made side by side.
   */
  idOf?(context: AdapterContext, inputs: Wanted): string;
}

/** An adapter whose inputs' type has been checked where it was defined, so that a registry can hold them all. */
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

/** What a change of inputs means. */
export interface Difference {
  changed: string[];
  /** Those of the changed inputs that need a new resource. */
  replacing: string[];
  /** The old one has to go first: the new one takes its name, or is part of something that is itself made anew. */
  deleteFirst: boolean;
}

/** Checks a definition against its own schema's type and makes it an adapter. */
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
