/** An in-memory cloud with adapters for a few fictional types, for tests of the engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Cloud, defineAdapter } from "../../../deploy/adapter";
import { registry } from "../../../deploy/adapters";
import { createClients } from "../../../deploy/clients";
import type { DeployToOptions } from "../../../deploy/deploy";
import type { ProgressEvent } from "../../../deploy/events";
import { State } from "../../../deploy/state";

/** An error as the SDK raises it. */
export function awsError(code: string, message: string, status = 400): Error {
  return Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status } });
}

export class FakeCloud {
  readonly things = new Map<string, Record<string, unknown>>();
  readonly calls: string[] = [];
  /** The error that each creation throws, by name. */
  readonly failing = new Map<string, Error>();
  /** Names whose creation succeeds but then throws, as if the process were killed before the response. */
  readonly dying = new Set<string>();

  readonly adapters = registry([
    defineAdapter({
      type: "fake:index:Thing",
      inputs: z.strictObject({
        name: z.string(),
        kind: z.string().optional(),
        size: z.number().optional(),
        password: z.string().optional(),
        from: z.string().optional(),
        nested: z.strictObject({ kept: z.string().optional() }).optional(),
      }),
      replaceOn: ["name", "kind"],
      idOf: (_, { name }) => name,
      create: async (_, inputs) => {
        await this.call(`create ${inputs.name}`);
        const failure = this.failing.get(inputs.name);
        if (failure !== undefined) throw failure;
        if (this.things.has(inputs.name)) throw awsError("ThingAlreadyExists", `${inputs.name} already exists`);
        this.things.set(inputs.name, inputs);
        if (this.dying.has(inputs.name)) throw new Error("the process died here");
        return { id: inputs.name, outputs: { arn: `arn:fake:${inputs.name}` } };
      },
      update: async (_, inputs, previous) => {
        await this.call(`update ${inputs.name}`);
        this.things.set(previous.id, inputs);
        return previous;
      },
      delete: async (_, previous) => {
        await this.call(`delete ${previous.id}`);
        if (!this.things.delete(previous.id)) throw awsError("ThingNotFound", `no ${previous.id}`, 404);
      },
    }),
    this.partOf("fake:index:Part"),
    this.partOf("fake:index:Vault", "its gold"),
  ]);

  /** A type without an update and without a physical name. */
  private partOf(type: string, holds?: string) {
    return defineAdapter({
      type,
      inputs: z.strictObject({ of: z.string() }),
      ...(holds === undefined ? {} : { holds }),
      create: async (_, { of }) => {
        await this.call(`create part of ${of}`);
        return { id: `part of ${of}`, outputs: {} };
      },
      delete: async (_, { id }) => this.call(`delete ${id}`),
    });
  }

  private async call(what: string): Promise<void> {
    this.calls.push(what);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

export class Thing extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;

  constructor(name: string, args: Record<string, unknown> = {}, opts?: pulumi.CustomResourceOptions) {
    super("fake:index:Thing", name, { arn: undefined, name, ...args }, opts);
  }
}

export class Part extends pulumi.CustomResource {
  constructor(name: string, of: pulumi.Input<string>) {
    super("fake:index:Part", name, { of });
  }
}

export class Vault extends pulumi.CustomResource {
  constructor(name: string, of: string, opts?: pulumi.CustomResourceOptions) {
    super("fake:index:Vault", name, { of }, opts);
  }
}

export const CLOUD: Cloud = {
  // Never called: the fake adapters use a map.
  clients: createClients({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  }),
  accountId: "000000000000",
  region: "us-east-1",
  partition: "aws",
  endpoint: "http://127.0.0.1:1",
};

/** Options for one deployment to the fake cloud; the events go to `events`. */
export function deployOptions(fake: FakeCloud, statePath: string, events: ProgressEvent[] = []): DeployToOptions {
  return {
    cloud: CLOUD,
    state: State.open(statePath),
    adapters: fake.adapters,
    config: { "daybreak:greeting": "hello" },
    project: "daybreak",
    stack: "test",
    onProgress: (event) => events.push(event),
  };
}

/** A temporary folder for one test, and its cleanup. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "daybreak-deploy-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
