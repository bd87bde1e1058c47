/** What an adapter is: how one resource type of the Pulumi program is created, changed and deleted with AWS's own API. */
import type { z } from "zod";
import type { Clients } from "./clients";

/** What an adapter works with. */
export interface AdapterContext {
  clients: Clients;
  accountId: string;
  region: string;
  partition: string;
  endpoint: string;
  urn: string;
  /** The resource's logical name in the program. */
  name: string;
  /** The physical name of a resource to which the program gave none: the same every time. */
  automaticName: string;
}

/** What exists: its id, and the outputs that the real provider gives, as far as a program can use them. */
export interface Existing {
  id: string;
  outputs: Record<string, unknown>;
}

/** What exists, with the inputs it was made from (secrets and files in them are hashes). */
export interface Previous extends Existing {
  inputs: Record<string, unknown>;
}

/**
 * One resource type. `inputs` is strict at every level: a key that it does not list stops the deployment, so nothing that
 * the program declares is dropped in silence.
 */
export interface AdapterDefinition<Inputs> {
  type: string;
  inputs: z.ZodType<Inputs>;
  /** Inputs that are accepted and checked but that the local cloud has no counterpart for: key → why. Shown at the end. */
  notEmulated?: Partial<Record<keyof Inputs & string, string>>;
  /** Inputs whose change means a new resource, on AWS as here. */
  replaceOn?: readonly (keyof Inputs & string)[];
  /**
   * Whether such a change may be carried out by creating the new one and deleting the old at the end. Only for what holds
   * nothing but what the program gave it, and gets another id by the change.
   */
  replaceable?: boolean;
  create(context: AdapterContext, inputs: Inputs): Promise<Existing>;
  /** Absent: any change means a new resource. Returns the outputs; the id stays. */
  update?(context: AdapterContext, inputs: Inputs, previous: Previous): Promise<Existing>;
  delete?(context: AdapterContext, previous: Previous): Promise<void>;
  /**
   * The id that create gives, when it follows from the inputs. With it, what an interrupted deployment had begun can be found
   * and made again.
   */
  idOf?(context: AdapterContext, inputs: Inputs): string;
}

/** An adapter whose inputs' type has been checked where it was defined, so that a registry can hold them all. */
export interface Adapter {
  readonly type: string;
  readonly inputs: z.ZodType<unknown>;
  readonly notEmulated: Readonly<Record<string, string>>;
  readonly replaceOn: readonly string[];
  readonly replaceable: boolean;
  readonly updates: boolean;
  readonly deletes: boolean;
  create(context: AdapterContext, inputs: unknown): Promise<Existing>;
  update(context: AdapterContext, inputs: unknown, previous: Previous): Promise<Existing>;
  delete(context: AdapterContext, previous: Previous): Promise<void>;
  idOf(context: AdapterContext, inputs: unknown): string | undefined;
}

/** Checks a definition against its own schema's type and makes it an adapter. */
export function defineAdapter<Inputs>(definition: AdapterDefinition<Inputs>): Adapter {
  const parse = (inputs: unknown) => definition.inputs.parse(inputs);
  return {
    type: definition.type,
    inputs: definition.inputs,
    notEmulated: (definition.notEmulated ?? {}) as Record<string, string>,
    replaceOn: definition.replaceOn ?? [],
    replaceable: definition.replaceable ?? false,
    updates: definition.update !== undefined,
    deletes: definition.delete !== undefined,
    create: (context, inputs) => definition.create(context, parse(inputs)),
    update: async (context, inputs, previous) => {
      if (definition.update === undefined) throw new Error(`${definition.type} has no update`);
      return definition.update(context, parse(inputs), previous);
    },
    delete: async (context, previous) => definition.delete?.(context, previous),
    idOf: (context, inputs) => definition.idOf?.(context, parse(inputs)),
  };
}
