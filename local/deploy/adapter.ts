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
interface Definition<Wanted, Name extends string> {
  type: string;
  inputs: z.ZodType<Wanted>;
  /** The input with the physical name. If the program omits it, the name is automatic; a change forces a replacement. */
  nameInput?: Name & keyof Wanted;
  /** Other inputs whose change forces a replacement, as in the real provider. */
  replaceOn?: readonly (keyof Wanted & string)[];
  /** The data lost when the resource is deleted, if the program cannot recreate it. */
  holds?: string;
  delete(context: AdapterContext, previous: Previous): Promise<unknown>;
  /**
   * The physical id, if it follows from the inputs; by default the physical name. It lets the engine recreate a resource whose
   * creation was interrupted, and delete before create if both would have the same id.
   */
  idOf?(context: AdapterContext, inputs: Wanted & Record<Name, string>): string;
}

interface Created<Wanted, Name extends string> extends Definition<Wanted, Name> {
  create(context: AdapterContext, inputs: Wanted & Record<Name, string>): Promise<Existing>;
  /** Keeps the id and the outputs. If absent, any change forces a replacement. */
  update?(context: AdapterContext, inputs: Wanted & Record<Name, string>, previous: Previous): Promise<unknown>;
}

interface Put<Wanted, Name extends string> extends Definition<Wanted, Name> {
  /** Creates or updates the resource; `previous` is absent on creation. */
  put(context: AdapterContext, inputs: Wanted & Record<Name, string>, previous?: Previous): Promise<Existing>;
}

/** An adapter without its type parameter, so that one registry can hold all types. */
export interface Adapter {
  readonly type: string;
  readonly inputs: z.ZodType<unknown>;
  readonly holds: string | undefined;
  create(context: AdapterContext, inputs: unknown): Promise<Existing>;
  update(context: AdapterContext, inputs: unknown, previous: Previous): Promise<Existing>;
  delete(context: AdapterContext, previous: Previous): Promise<unknown>;
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
export function defineAdapter<Wanted, Name extends string = never>(
  definition: Created<Wanted, Name> | Put<Wanted, Name>,
): Adapter {
  const { type, holds, nameInput, replaceOn = [] } = definition;
  const inputs = z.preprocess(withoutTags, definition.inputs);
  type Named = Wanted & Record<Name, string>;
  const named = (context: AdapterContext, wanted: unknown) =>
    (nameInput === undefined ? wanted : { [nameInput]: context.automaticName, ...(wanted as Wanted) }) as Named;
  const parsed = (context: AdapterContext, wanted: unknown) => named(context, inputs.parse(wanted));
  const nameOf = (_: AdapterContext, wanted: Named) => nameInput && wanted[nameInput];
  const idOf = (context: AdapterContext, wanted: unknown) =>
    (definition.idOf ?? nameOf)(context, named(context, wanted));
  const change = "put" in definition ? definition.put : definition.update;
  return {
    type,
    inputs,
    holds,
    idOf,
    create: (context, wanted) =>
      ("put" in definition ? definition.put : definition.create)(context, parsed(context, wanted)),
    update: async (context, wanted, previous) => {
      const changed = await change?.(context, parsed(context, wanted), previous);
      return "put" in definition ? (changed as Existing) : previous;
    },
    delete: (context, previous) => definition.delete(context, previous),
    difference: (context, before, after) => {
      const changed = changedKeys(named(context, before), named(context, after));
      const isReplacing = (key: string) => !change || key === nameInput || replaceOn.some((one) => one === key);
      const replacing = changed.filter(isReplacing);
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
