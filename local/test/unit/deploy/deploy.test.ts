import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { deployTo } from "../../../deploy/deploy";
import { DeploymentError } from "../../../deploy/errors";
import { deployerEvent, type ProgressEvent } from "../../../deploy/events";
import { awsError, deployOptions, FakeCloud, Part, Thing, temporaryFolder, Vault } from "./fake-cloud";

let folder: ReturnType<typeof temporaryFolder>;
let statePath: string;
let fake: FakeCloud;

beforeEach(() => {
  folder = temporaryFolder();
  statePath = join(folder.path, "state.json");
  fake = new FakeCloud();
});
afterEach(() => folder.remove());

const deployed = (program: () => Record<string, unknown>, events: ProgressEvent[] = []) =>
  deployTo(program, deployOptions(fake, statePath, events));

const failureOf = async (program: () => Record<string, unknown>): Promise<DeploymentError> => {
  const error = await deployed(program).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof DeploymentError) return error;
  throw new Error(`expected a DeploymentError, got ${String(error)}`);
};

const two = () => {
  const first = new Thing("first", { size: 1 });
  const second = new Thing("second", { from: first.arn });
  return { arn: second.arn };
};

describe("a deployment", () => {
  test("creates what the program declares, in the order of its dependencies, and returns the outputs", async () => {
    const events: ProgressEvent[] = [];

    const { outputs, summary } = await deployed(two, events);

    expect(outputs).toEqual({ arn: "arn:fake:second" });
    expect(fake.calls).toEqual(["create first", "create second"]);
    expect(fake.things.get("second")).toMatchObject({ from: "arn:fake:first" });
    expect(summary).toMatchObject({ created: 2, updated: 0, unchanged: 0, deleted: 0 });
    expect(events.map((event) => event.type)).toEqual(["plan", "resource", "resource"]);
    expect(events.at(-1)).toMatchObject({ done: 2, total: 2, action: "create", name: "second" });
  });

  test("reports events that the client reads without losing a field", async () => {
    const events: ProgressEvent[] = [];

    const result = await deployed(two, events);

    const printed: unknown[] = JSON.parse(JSON.stringify([...events, { type: "outputs", ...result }]));
    expect(printed.map((event) => deployerEvent.parse(event))).toEqual(printed);
  });

  test("calls nothing when nothing changed", async () => {
    await deployed(two);
    fake.calls.length = 0;

    const { outputs, summary } = await deployed(two);

    expect(fake.calls).toEqual([]);
    expect(outputs).toEqual({ arn: "arn:fake:second" });
    expect(summary).toMatchObject({ created: 0, unchanged: 2 });
  });

  test("updates what changed, and only that", async () => {
    await deployed(two);
    fake.calls.length = 0;

    const { summary } = await deployed(() => {
      const first = new Thing("first", { size: 2 });
      return { arn: new Thing("second", { from: first.arn }).arn };
    });

    expect(fake.calls).toEqual(["update first"]);
    expect(summary).toMatchObject({ updated: 1, unchanged: 1 });
  });

  test("keeps what is stored of an input whose changes are ignored", async () => {
    const declare = (kind: string, size: number) => () => ({
      arn: new Thing("first", { kind, size }, { ignoreChanges: ["kind"] }).arn,
    });
    await deployed(declare("one", 1));

    expect((await deployed(declare("two", 1))).summary).toMatchObject({ replaced: 0, updated: 0, unchanged: 1 });
    expect((await deployed(declare("two", 2))).summary).toMatchObject({ replaced: 0, updated: 1 });
    // The state still has the first kind: without the option, the second is a change that replaces.
    const { summary } = await deployed(() => ({ arn: new Thing("first", { kind: "two", size: 2 }).arn }));
    expect(summary).toMatchObject({ replaced: 1 });
  });

  test("deletes, newest first, what the program no longer declares", async () => {
    await deployed(two);
    fake.calls.length = 0;

    const { summary } = await deployed(() => ({}));

    expect(fake.calls).toEqual(["delete second", "delete first"]);
    expect(summary).toMatchObject({ deleted: 2 });
  });

  test("removes retained resources from the state without deleting them", async () => {
    const named = (name: string) => () => ({ arn: new Thing("code", { name }, { retainOnDelete: true }).arn });
    await deployed(named("v1"));
    await deployed(named("v2"));

    const { summary } = await deployed(() => ({ other: new Thing("other").arn }));

    expect([...fake.things.keys()]).toEqual(["v1", "v2", "other"]);
    expect(summary).toMatchObject({ created: 1, deleted: 0 });
  });

  test("gives a resource the URN of the real engine, with the types of all its parents", async () => {
    class Stage extends pulumi.ComponentResource {
      constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
        super("daybreak:stage:Stage", name, {}, opts);
      }
    }
    const events: ProgressEvent[] = [];

    await deployed(() => {
      const outer = new Stage("outer");
      new Thing("child", {}, { parent: new Stage("inner", { parent: outer }) });
      return {};
    }, events);

    const urns = events.flatMap((event) => (event.type === "resource" ? [event.urn] : []));
    const types = "daybreak:stage:Stage$daybreak:stage:Stage$fake:index:Thing";
    expect(urns).toEqual([`urn:pulumi:test::daybreak::${types}::child`]);
  });

  test("accepts and ignores tags", async () => {
    await deployed(() => ({ arn: new Thing("first", { tags: { team: "blue" } }).arn }));

    expect(fake.things.get("first")).toEqual({ name: "first" });
  });

  test("reads the stack's configuration", async () => {
    const { outputs } = await deployed(() => ({ greeting: new pulumi.Config("daybreak").require("greeting") }));

    expect(outputs).toEqual({ greeting: "hello" });
  });
});

describe("secrets", () => {
  test("are sent to the cloud and never written to the state", async () => {
    await deployed(() => ({ arn: new Thing("door", { password: pulumi.secret("open-sesame") }).arn }));

    expect(fake.things.get("door")).toMatchObject({ password: "open-sesame" });
    expect(readFileSync(statePath, "utf8")).not.toContain("open-sesame");
  });

  test("that change are noticed", async () => {
    const door = (password: string) => () => ({ arn: new Thing("door", { password: pulumi.secret(password) }).arn });
    await deployed(door("one"));
    fake.calls.length = 0;

    await deployed(door("one"));
    await deployed(door("two"));

    expect(fake.calls).toEqual(["update door"]);
    expect(fake.things.get("door")).toMatchObject({ password: "two" });
  });
});

describe("before anything is created, a deployment stops at", () => {
  test("a type without an adapter", async () => {
    class Unheard extends pulumi.CustomResource {}
    const error = await failureOf(() => {
      two();
      new Unheard("fake:index:Unheard", "odd");
      return {};
    });

    expect(error.message).toContain("no adapter for fake:index:Unheard");
    expect(error.facts).toMatchObject({ resourceType: "fake:index:Unheard", urn: expect.stringContaining("::odd") });
    expect(fake.calls).toEqual([]);
  });

  test("an input that the adapter does not support, nested or not", async () => {
    const error = await failureOf(() => {
      new Thing("first", { colour: "red" });
      new Thing("second", { nested: { kept: "x", lost: "y" } });
      return {};
    });

    expect(error.message).toContain('the input "colour" is not supported');
    expect(error.message).toContain('the input "nested.lost" is not supported');
    expect(fake.calls).toEqual([]);
  });

  test("an input of a wrong type, even next to an unknown one", async () => {
    const error = await failureOf(() => {
      const first = new Thing("first");
      new Thing("second", { from: first.arn, size: "large" });
      return {};
    });

    expect(error.message).toMatch(/the input "size" is invalid: expected number/);
    expect(error.message).not.toContain('"from"');
    expect(fake.calls).toEqual([]);
  });

  test("two resources with one URN", async () => {
    const error = await failureOf(() => {
      new Thing("same");
      new Thing("same", { size: 2 });
      return {};
    });

    expect(error.message).toContain("registers urn:pulumi:test::daybreak::fake:index:Thing::same twice");
    expect(fake.calls).toEqual([]);
  });

  test("a resource option that is not supported", async () => {
    const error = await failureOf(() => ({ arn: new Thing("first", {}, { import: "first" }).arn }));

    expect(error.message).toContain("uses import");
    expect(fake.calls).toEqual([]);
  });

  test("a program that throws", async () => {
    const error = await failureOf(() => {
      throw new Error("no such pipeline");
    });
    expect(error.message).toBe("The program failed: no such pipeline");
  });

  test("an unknown provider function", async () => {
    const error = await failureOf(() => ({ zones: pulumi.runtime.invoke("fake:index:getZones", {}) }));

    expect(error.message).toContain("fake:index:getZones");
  });
});

describe("a failure while deploying", () => {
  test("names the first cause: resource, type, AWS's code and message, what to do", async () => {
    fake.failing.set("second", awsError("ValidationException", "size is too large"));

    const error = await failureOf(two);

    expect(error.message).toBe("Could not create second (fake:index:Thing): ValidationException: size is too large");
    expect(error.facts).toMatchObject({
      code: "ValidationException",
      advice: expect.stringContaining("Correct the resource's inputs"),
    });
  });

  test("waits for operations in progress, and starts no others", async () => {
    fake.failing.set("bad", awsError("ValidationException", "no"));

    await failureOf(() => {
      const beside = new Thing("beside");
      const bad = new Thing("bad");
      new Thing("after", { from: pulumi.interpolate`${bad.arn}${beside.arn}` });
      return {};
    });

    expect(fake.calls.sort()).toEqual(["create bad", "create beside"]);
    const state = JSON.parse(readFileSync(statePath, "utf8"));
    expect(state.resources["urn:pulumi:test::daybreak::fake:index:Thing::beside"]).not.toHaveProperty("pending");
  });

  test("is repaired by the next deployment, which resumes where it stopped", async () => {
    fake.failing.set("second", awsError("ThrottlingException", "slow down"));
    await failureOf(two);
    fake.failing.clear();
    fake.calls.length = 0;

    const { summary } = await deployed(two);

    expect(fake.calls).toEqual(["create second"]);
    expect(summary).toMatchObject({ created: 1, unchanged: 1 });
  });

  test("during a creation leaves a resource that the next deployment recreates", async () => {
    fake.dying.add("second");
    await failureOf(two);
    fake.dying.clear();
    fake.calls.length = 0;

    await deployed(two);

    expect(fake.calls).toEqual(["create second", "delete second", "create second"]);
    expect([...fake.things.keys()]).toEqual(["first", "second"]);
  });

  test("because the resource already exists does not change that resource, also on a retry", async () => {
    fake.things.set("second", { name: "second", owner: "somebody else" });

    await failureOf(two);
    await failureOf(two);

    expect(fake.things.get("second")).toEqual({ name: "second", owner: "somebody else" });
  });

  test("of a resource that the program no longer declares does not stop the next deployment", async () => {
    fake.failing.set("second", awsError("ValidationException", "never"));
    await failureOf(two);

    const { summary } = await deployed(() => ({ arn: new Thing("first", { size: 1 }).arn }));

    expect(summary).toMatchObject({ unchanged: 1, deleted: 1 });
    expect((await deployed(() => ({ arn: new Thing("first", { size: 1 }).arn }))).summary.deleted).toBe(0);
  });
});

describe("a replacement", () => {
  /** What happens to the fake cloud between two versions of a program. */
  async function between(before: () => Record<string, unknown>, after: () => Record<string, unknown>, yes = false) {
    await deployed(before);
    fake.calls.length = 0;
    const events: ProgressEvent[] = [];
    const { summary } = await deployTo(after, { ...deployOptions(fake, statePath, events), yes });
    const [plan] = events.flatMap((event) => (event.type === "plan" ? [event.steps] : []));
    expect((await deployed(after)).summary).toMatchObject({ created: 0, updated: 0, replaced: 0, deleted: 0 });
    return { summary, plan: plan?.map(({ name, action, because }) => [name, action, ...because]) };
  }

  test("with another name creates the new resource, then updates its dependents, then deletes the old one", async () => {
    const named = (name: string) => () => ({ arn: new Thing("user", { from: new Thing("code", { name }).arn }).arn });

    const { summary, plan } = await between(named("v1"), named("v2"));

    expect(plan).toEqual([
      ["code", "replace", "name"],
      ["user", "update", "from"],
    ]);
    expect(fake.calls).toEqual(["create v2", "update user", "delete v1"]);
    expect(summary).toMatchObject({ created: 0, updated: 1, replaced: 1, deleted: 1 });
  });

  test("under the same name first deletes the old resource and its dependents, newest first", async () => {
    const kind = (value: string) => () => {
      const whole = new Thing("whole", { kind: value });
      new Part("part", whole.arn);
      return {};
    };

    const { plan } = await between(kind("round"), kind("square"));

    expect(plan).toEqual([
      ["whole", "replace", "kind"],
      ["part", "replace", "of"],
    ]);
    const arn = "arn:fake:whole";
    expect(fake.calls).toEqual([`delete part of ${arn}`, "delete whole", "create whole", `create part of ${arn}`]);
  });

  test("that is interrupted between deletion and creation is completed by the next deployment", async () => {
    const kind = (value: string) => () => ({ arn: new Thing("whole", { kind: value }).arn });
    await deployed(kind("round"));
    fake.failing.set("whole", awsError("ThrottlingException", "slow down"));
    await failureOf(kind("square"));
    fake.failing.clear();

    await deployed(kind("square"));

    expect(fake.things.get("whole")).toMatchObject({ kind: "square" });
  });

  test("that would lose data needs confirmation", async () => {
    const vault = (of: string) => () => {
      new Vault("vault", of);
      return {};
    };
    await deployed(vault("here"));
    fake.calls.length = 0;

    const error = await failureOf(vault("there"));
    expect(error.message).toContain("vault is replaced, because of changed: its gold would be lost");
    expect(error.facts).toMatchObject({ code: "DataWouldBeLost", advice: expect.stringContaining("--yes") });
    expect(fake.calls).toEqual([]);

    const { summary } = await deployTo(vault("there"), { ...deployOptions(fake, statePath), yes: true });
    expect(fake.calls).toEqual(["create part of there", "delete part of here"]);
    expect(summary).toMatchObject({ replaced: 1 });
  });

  test.each([
    ["replaced", "of changed", () => ({ id: new Vault("vault", "there", { protect: true }).id })],
    ["deleted", "no longer declares it", () => ({})],
  ])("of a protected resource is refused even if confirmed: %s", async (what, why, program) => {
    await deployed(() => ({ id: new Vault("vault", "here", { protect: true }).id }));
    fake.calls.length = 0;

    const refused = deployTo(program, { ...deployOptions(fake, statePath), yes: true });

    await expect(refused).rejects.toThrow(new RegExp(`vault .* is protected and would be ${what}.*${why}`));
    expect(fake.calls).toEqual([]);
  });
});

describe("a preview", () => {
  test("reports the plan and changes nothing", async () => {
    await deployed(two);
    fake.calls.length = 0;
    const events: ProgressEvent[] = [];
    const changed = () => {
      new Thing("first", { size: 2 });
      new Thing("third");
      return {};
    };

    const { summary } = await deployTo(changed, { ...deployOptions(fake, statePath, events), preview: true });

    expect(fake.calls).toEqual([]);
    expect(summary).toMatchObject({ created: 1, updated: 1, deleted: 1, unchanged: 0 });
    const [plan] = events.flatMap((event) => (event.type === "plan" ? [event.steps] : []));
    expect(plan?.map(({ name, action }) => `${action} ${name}`).sort()).toEqual([
      "create third",
      "delete second",
      "update first",
    ]);
  });
});
