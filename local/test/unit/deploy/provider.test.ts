/** The provider as the Pulumi engine calls it: over gRPC, with the adapters of the fake cloud. */

import * as grpc from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { AdapterProvider } from "../../../deploy/provider";
import { CLOUD, FakeCloud } from "./fake-cloud";

type Wire = Record<string, unknown>;

let fake: FakeCloud;
let client: ResourceProviderClient;
let server: grpc.Server | undefined;

beforeAll(async () => {
  const adapters = { get: (type: string) => fake.adapters.get(type) } as FakeCloud["adapters"];
  const bind = jest.spyOn(grpc.Server.prototype, "bindAsync");
  const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
  await pulumi.provider.main(new AdapterProvider(adapters, async () => CLOUD, "1.2.3"), []);
  server = bind.mock.contexts[0] as grpc.Server;
  // The engine reads the port from what the process prints first.
  client = new ResourceProviderClient(`127.0.0.1:${log.mock.calls[0]?.[0]}`, grpc.credentials.createInsecure());
  jest.restoreAllMocks();
});
beforeEach(() => {
  fake = new FakeCloud();
});
afterAll(() => {
  client.close();
  server?.forceShutdown();
});

const urnOf = (type: string) => `urn:pulumi:dev::daybreak::daybreak:stage:Stage$fake:index:${type}::first`;
const struct = (value: Wire) => Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);

/** One call, with the fields that every request has. */
function ask<Answer>(call: (answer: (error: grpc.ServiceError | null, value: Answer) => void) => unknown) {
  return new Promise<Answer>((resolve, reject) => {
    call((error, value) => (error === null ? resolve(value) : reject(new Error(error.details))));
  });
}

async function check(type: string, news: Wire): Promise<string[]> {
  const request = new proto.CheckRequest();
  request.setUrn(urnOf(type));
  request.setOlds(struct({}));
  request.setNews(struct(news));
  const answer = await ask<proto.CheckResponse>((done) => client.check(request, done));
  return answer.getFailuresList().map((failure) => failure.getReason());
}

async function create(type: string, inputs: Wire) {
  const request = new proto.CreateRequest();
  request.setUrn(urnOf(type));
  request.setProperties(struct(inputs));
  const answer = await ask<proto.CreateResponse>((done) => client.create(request, done));
  return { id: answer.getId(), outs: answer.getProperties()?.toJavaScript() as Wire };
}

async function diff(type: string, { id, outs }: { id: string; outs: Wire }, news: Wire) {
  const request = new proto.DiffRequest();
  request.setId(id);
  request.setUrn(urnOf(type));
  request.setOlds(struct(outs));
  request.setNews(struct(news));
  const answer = await ask<proto.DiffResponse>((done) => client.diff(request, done));
  return {
    changes: answer.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
    replaces: answer.getReplacesList(),
    deleteFirst: answer.getDeletebeforereplace(),
  };
}

describe("the provider", () => {
  test("rejects unsupported types and inputs", async () => {
    expect(await check("Thing", { name: "a", size: 1 })).toEqual([]);
    expect(await check("Thing", { name: "a", colour: "red" })).toEqual([expect.stringContaining('"colour"')]);
    await expect(create("Unheard", {})).rejects.toThrow("no adapter for fake:index:Unheard");
  });

  test("creates, diffs, updates and deletes", async () => {
    const made = await create("Thing", { name: "a", size: 1 });
    expect(made).toMatchObject({ id: "a", outs: { name: "a", arn: "arn:fake:a" } });
    expect(await diff("Thing", made, { name: "a", size: 1 })).toEqual({
      changes: false,
      replaces: [],
      deleteFirst: true,
    });
    expect(await diff("Thing", made, { name: "a", size: 2 })).toMatchObject({ changes: true, replaces: [] });

    const update = new proto.UpdateRequest();
    update.setId(made.id);
    update.setUrn(urnOf("Thing"));
    update.setOlds(struct(made.outs));
    update.setNews(struct({ name: "a", size: 2 }));
    const updated = await ask<proto.UpdateResponse>((done) => client.update(update, done));
    const outs = updated.getProperties()?.toJavaScript() as Wire;
    expect(await diff("Thing", { id: made.id, outs }, { name: "a", size: 2 })).toMatchObject({ changes: false });

    const gone = new proto.DeleteRequest();
    gone.setId(made.id);
    gone.setUrn(urnOf("Thing"));
    gone.setProperties(struct(outs));
    await ask((done) => client.delete(gone, done));
    expect(fake.calls).toEqual(["create a", "update a", "delete a"]);
  });

  test("replaces as the in-process deployer does", async () => {
    const made = await create("Thing", { name: "a", kind: "round" });
    const same = await diff("Thing", made, { name: "a", kind: "square" });
    expect(same).toEqual({ changes: true, replaces: ["kind"], deleteFirst: true });
    const other = await diff("Thing", made, { name: "b", kind: "round" });
    expect(other).toEqual({ changes: true, replaces: ["name"], deleteFirst: false });
    const unknown = await diff("Thing", made, { name: pulumi.runtime.unknownValue, kind: "round" });
    expect(unknown).toMatchObject({ replaces: ["name"], deleteFirst: true });
  });

  test("accepts secrets as the engine marks them and reports no change if they are unchanged", async () => {
    const { specialSigKey, specialSecretSig } = pulumi.runtime;
    const inputs = { name: "door", password: { [specialSigKey]: specialSecretSig, value: "open-sesame" } };

    const made = await create("Thing", inputs);

    expect(fake.things.get("door")).toEqual({ name: "door", password: "open-sesame" });
    expect(made.outs.password).toEqual(inputs.password);
    expect(await diff("Thing", made, inputs)).toMatchObject({ changes: false });
  });

  test("reports AWS's error message and advice", async () => {
    fake.failing.set("a", Object.assign(new Error("too large"), { name: "ValidationException" }));
    await expect(create("Thing", { name: "a" })).rejects.toThrow(
      /ValidationException: too large\nCorrect the resource/,
    );
  });
});
