import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { CloudRegistry } from "../../../cli/clouds/registry";
import { notDeployed } from "../../../cli/shared/deployed";
import { address, connect, connectionProblem } from "../../../cli/shared/session";
import { type CapturedOutput, captureOutput } from "./captured-output";
import { cloudHome, ended, localCloud } from "./clouds/local-cloud";

const environment = { ...process.env };
const sts = mockClient(STSClient);
let folder: string;
let registry: CloudRegistry;
let printed: CapturedOutput;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "session-"));
  registry = new CloudRegistry(join(folder, "clouds"));
  for (const name of Object.keys(process.env)) if (/^(AWS|DAYBREAK)_/.test(name)) delete process.env[name];
  process.env.AWS_CONFIG_FILE = join(folder, "config");
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, "credentials");
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  sts.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  printed = captureOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.env = { ...environment };
});
afterAll(() => sts.restore());

const go = (target: { environment?: string; aws?: boolean; port?: number } = {}, use: "reads" | "writes" = "reads") =>
  connect({ aws: false, ...target }, use, registry);
const asked = () => sts.commandCalls(GetCallerIdentityCommand).length;

describe("a local cloud that runs", () => {
  beforeEach(() => registry.write(localCloud({ home: cloudHome(folder) })));

  test.each(["reads", "writes"] as const)(
    "is where a command that %s goes, and no question goes to AWS",
    async (use) => {
      process.env.AWS_REGION = "eu-west-1";
      expect(await go({}, use)).toMatchObject({ environment: "dev", region: "us-east-1", accountId: "000000000000" });
      expect(process.env.AWS_ENDPOINT_URL).toBe("http://127.0.0.1:4600");
      expect(printed.stderr).toMatch(/local cloud at http:\/\/127\.0\.0\.1:4600/);
      expect(asked()).toBe(0);
    },
  );

  test.each([
    ["--aws", { aws: true }, "dev"],
    ["--environment", { environment: "prod" }, "prod"],
  ])("is passed by with %s, and what is addressed is said", async (_, target, expected) => {
    process.env.AWS_REGION = "eu-west-1";
    expect(await go(target, "writes")).toEqual({
      environment: expected,
      region: "eu-west-1",
      accountId: "123456789012",
    });
    expect(process.env.AWS_ENDPOINT_URL).toBeUndefined();
    expect(printed.stderr).toContain(`account 123456789012, region eu-west-1, environment ${expected}`);
  });

  test("is passed by for the endpoint in AWS_ENDPOINT_URL", async () => {
    Object.assign(process.env, { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_DEFAULT_REGION: "us-east-1" });
    expect(await go({}, "writes")).toMatchObject({ region: "us-east-1" });
    expect(printed.stderr).toContain("Using http://127.0.0.1:9: account 123456789012");
  });

  test("is chosen by --port, or by DAYBREAK_PORT, where several run", async () => {
    registry.write(localCloud({ port: 4700, home: cloudHome(folder) }));
    await expect(go()).rejects.toThrow(/2 local clouds are running/);
    await go({ port: 4700 });
    expect(process.env.AWS_ENDPOINT_URL).toBe("http://127.0.0.1:4700");
    delete process.env.AWS_ENDPOINT_URL;
    process.env.DAYBREAK_PORT = "4600";
    await go();
    expect(process.env.AWS_ENDPOINT_URL).toBe("http://127.0.0.1:4600");
  });

  test("is read but not changed by other commands while a demo runs on it", async () => {
    await registry.hold(4600, "demo", async () => {
      await expect(go({}, "writes")).rejects.toThrow(/while a demo \(process \d+\) is running[\s\S]*--port 4600/);
      expect(process.env.AWS_ENDPOINT_URL).toBeUndefined();
      await go({}, "reads");
    });
  });
});

describe("without a local cloud", () => {
  test("a command that writes is refused unless AWS was chosen, before anything is asked of AWS", async () => {
    registry.write(ended());
    process.env.AWS_REGION = "eu-west-1";
    await expect(go({}, "writes")).rejects.toThrow(
      /No local cloud is running[\s\S]*would change the stack dev on AWS \(eu-west-1\)[\s\S]*--aws/,
    );
    expect(asked()).toBe(0);
  });

  test("a command that reads goes to AWS, and says to which account, region and environment", async () => {
    process.env.AWS_REGION = "eu-west-1";
    await go();
    expect(printed.stderr).toContain("Using AWS: account 123456789012, region eu-west-1, environment dev");
  });

  test("the region of the profile in ~/.aws/config is taken, for Python too", async () => {
    writeFileSync(join(folder, "config"), "[default]\nregion = eu-north-1\n[profile work]\nregion = sa-east-1\n");
    process.env.AWS_PROFILE = "work";
    expect(await go({ aws: true })).toMatchObject({ region: "sa-east-1" });
    expect(process.env.AWS_REGION).toBe("sa-east-1");
  });

  test("without a region the message says where to set one", async () => {
    await expect(go()).rejects.toThrow(/No local cloud is running[\s\S]*daybreak up[\s\S]*AWS_REGION[\s\S]*config/);
    await expect(go({ aws: true })).rejects.toThrow(/^No AWS region/);
  });

  test("refused credentials are a sentence", async () => {
    process.env.AWS_REGION = "eu-west-1";
    sts.on(GetCallerIdentityCommand).rejects(new Error("The security token included in the request is invalid"));
    await expect(go()).rejects.toThrow(/AWS \(eu-west-1\)[\s\S]*token[\s\S]*get-caller-identity/);
  });
});

test("a pipeline that is not deployed is deployed beside the others of the local cloud", () => {
  address(localCloud({ port: 4700, pipelines: ["cdnow"], home: cloudHome(folder) }));
  expect(notDeployed("shop-churn", ["cdnow"]).message).toBe(
    "The pipeline shop-churn is not deployed here. Deployed: cdnow.\n" +
      "  Deploy it: npx daybreak up --pipeline cdnow shop-churn --port 4700",
  );
});

describe("a connection that fails while a command runs", () => {
  /** As the SDK reports it. */
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4600"), { code: "ECONNREFUSED" });
  const hasEnded =
    /^The local cloud at http:\/\/127\.0\.0\.1:4600 \(process \d+\) ended while the command ran\.\n {2}.*npx daybreak up --port 4600/;

  test("to a local cloud that has ended is one sentence", () => {
    address(ended({ home: cloudHome(folder) }));
    expect(connectionProblem(refused)?.message).toMatch(hasEnded);
  });

  test("is recognized in what fetch throws", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    address(ended({ home: cloudHome(folder) }));
    const error = await fetch(`http://127.0.0.1:${port}`).catch((thrown: unknown) => thrown);
    expect(connectionProblem(error)?.message).toMatch(hasEnded);
  });

  test("to a local cloud that still runs says how to end it", () => {
    address(localCloud({ home: cloudHome(folder) }));
    expect(connectionProblem(refused)?.message).toMatch(
      /does not answer: .*ECONNREFUSED[\s\S]*npx daybreak down --port 4600/,
    );
  });

  test("is not confused with another error", () => {
    expect(connectionProblem(new Error("no such version"))).toBeUndefined();
    expect(connectionProblem("text")).toBeUndefined();
  });
});
