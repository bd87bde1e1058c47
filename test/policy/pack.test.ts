/** The policy pack as Pulumi's engine runs it: a process that answers over gRPC. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Resource } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { fixtureOf } from "../infra/support/policy-fixtures";
import { root } from "../infra/support/root";

const folder = join(root, "policy");

/** The command that the engine starts in the pack's folder; it prints its port. */
function start(): ChildProcess {
  const runner = createRequire(__filename).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  return spawn(process.execPath, [runner, "127.0.0.1:1", "."], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
}

const struct = (value: unknown) =>
  Struct.fromJavaScript(JSON.parse(JSON.stringify(value)) as Record<string, JavaScriptValue>);

function options(protect: boolean): messages.AnalyzerResourceOptions {
  return new messages.AnalyzerResourceOptions().setProtect(protect);
}

/** The engine names a provider beside each of its resources, and does not list it. */
function asStackResource({ type, name, urn, props, opts }: Resource): messages.AnalyzerResource {
  const message = new messages.AnalyzerResource().setOptions(options(opts.protect));
  if (!type.startsWith("pulumi:providers:")) {
    return message.setType(type).setName(name).setUrn(urn).setProperties(struct(props));
  }
  const provider = new messages.AnalyzerProviderResource().setType(type).setName(name).setUrn(urn);
  provider.setProperties(struct(props));
  message.setType("aws:ssm/parameter:Parameter").setName("any").setUrn("any").setProperties(struct({}));
  return message.setProvider(provider);
}

describe("the policy pack", () => {
  let pack: ChildProcess;
  let client: AnalyzerClient;

  beforeAll(async () => {
    pack = start();
    if (pack.stdout === null) throw new Error("The pack's output is not readable");
    const lines = createInterface(pack.stdout)[Symbol.asyncIterator]();
    client = new AnalyzerClient(`127.0.0.1:${(await lines.next()).value}`, credentials.createInsecure());
  });
  afterAll(() => {
    client.close();
    pack.kill();
  });

  async function messagesOf(rule: (typeof rules)[number], resources: readonly Resource[]): Promise<string[]> {
    const answers: messages.AnalyzeResponse[] = [];
    if (rule.wholeStack) {
      const request = new messages.AnalyzeStackRequest().setResourcesList(resources.map(asStackResource));
      answers.push(
        await promisify<messages.AnalyzeStackRequest, messages.AnalyzeResponse>(client.analyzeStack.bind(client))(
          request,
        ),
      );
    } else {
      for (const { type, name, urn, props, opts } of resources) {
        const request = new messages.AnalyzeRequest().setType(type).setName(name).setUrn(urn);
        request.setProperties(struct(props)).setOptions(options(opts.protect));
        answers.push(
          await promisify<messages.AnalyzeRequest, messages.AnalyzeResponse>(client.analyze.bind(client))(request),
        );
      }
    }
    return answers
      .flatMap((answer) => answer.getDiagnosticsList())
      .filter((found) => found.getPolicyname() === rule.name)
      .map((found) => found.getMessage().replace(`${rule.description}\n`, ""));
  }

  it("offers every rule, as mandatory", async () => {
    const info = await promisify<Empty, messages.AnalyzerInfo>(client.getAnalyzerInfo.bind(client))(new Empty());
    expect(info.getPoliciesList().map((policy) => policy.getName())).toEqual(rules.map(({ name }) => name));
    for (const policy of info.getPoliciesList()) {
      expect(policy.getEnforcementlevel()).toBe(messages.EnforcementLevel.MANDATORY);
    }
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))(
    "finds what the fixture of %s violates",
    async (name, rule) => {
      const { resources, problems } = fixtureOf(name);
      expect(await messagesOf(rule, resources)).toEqual(problems);
    },
  );
});
