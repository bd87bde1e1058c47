/** The way of an approval through GitHub, up to the endpoint: with a stand-in for GitHub's API, and the step that its workflow runs. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { SFN } from "@aws-sdk/client-sfn";
import { SQS } from "@aws-sdk/client-sqs";
import { Cloud, deploy, freePort, localAccount, useLocalCloud } from "@daybreak/local";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { localConfig } from "../../cli/shared/deployment";
import { type StackOutputs, stackOutputs } from "../../contracts/stack-outputs";
import { assumeWithToken, GitHubStandIn } from "./github";

const root = join(__dirname, "..", "..");
const role = `arn:aws:iam::${localAccount.accountId}:role/daybreak-dev-deploy-model`;
const subject = "repo:acme/shop:environment:dev-models";
/** A model that answers with what it was asked. */
const serve = `
def model_fn(folder): return None
def transform_fn(model, body, content_type, accept): return body, accept
`;

let folder: string;
let cloud: Cloud;
let github: GitHubStandIn;
let outputs: StackOutputs;
let pipeline: StackOutputs["pipelines"][string];
let sagemaker: SageMaker;

async function waitFor<Found>(look: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  const until = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error("it did not happen within 60 s");
    await sleep(200);
  }
}

/** A model.tar.gz with the code that serves it. */
function modelArchive(): Buffer {
  const inside = join(folder, "archive");
  mkdirSync(join(inside, "code"), { recursive: true });
  writeFileSync(join(inside, "model.json"), "{}");
  writeFileSync(join(inside, "code", "serve.py"), serve);
  execFileSync("tar", ["-czf", join(folder, "model.tar.gz"), "-C", inside, "."]);
  return readFileSync(join(folder, "model.tar.gz"));
}

/** The token is set as docs/delivery.md says. */
async function setToken(token: string): Promise<void> {
  await new EventBridge({}).updateConnection({
    Name: "daybreak-dev-github",
    AuthorizationType: "API_KEY",
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "Authorization", ApiKeyValue: `Bearer ${token}` } },
  });
}

async function registerVersion(): Promise<string> {
  const s3 = new S3({ forcePathStyle: true });
  const models = pipeline.datasets.models?.uri ?? "";
  await s3.putObject({
    Bucket: outputs.lakeBucket,
    Key: `${models.split("/").slice(3).join("/")}/test/model.tar.gz`,
    Body: modelArchive(),
  });
  const { ModelPackageArn = "" } = await sagemaker.createModelPackage({
    ModelPackageGroupName: pipeline.modelPackageGroup,
    ModelApprovalStatus: "PendingManualApproval",
    InferenceSpecification: {
      Containers: [
        {
          Image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
          ModelDataUrl: `${models}/test/model.tar.gz`,
          Environment: {
            SAGEMAKER_PROGRAM: "serve.py",
            SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
          },
        },
      ],
      SupportedContentTypes: ["application/json"],
      SupportedResponseMIMETypes: ["application/json"],
    },
  });
  return ModelPackageArn;
}

const approve = (ModelPackageArn: string) =>
  sagemaker.updateModelPackage({ ModelPackageArn, ModelApprovalStatus: "Approved", ApprovalDescription: "good" });

const clientPayload = z.object({
  pipeline: z.string(),
  version: z.number(),
  environment: z.string(),
  approvedAt: z.iso.datetime(),
});

/** The step of .github/workflows/deploy-model.yml, with the payload of a dispatch. */
function deployModel(payload: Record<string, unknown>, credentials: NodeJS.ProcessEnv) {
  const { pipeline, version, environment, approvedAt } = clientPayload.parse(payload);
  const args = [pipeline, String(version), "--environment", environment, "--approved-at", approvedAt, "--json"];
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(
      "npm",
      ["run", "--silent", "deploy-model", "--", ...args],
      { cwd: root, env: { ...process.env, ...credentials } },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "daybreak-delivery-"));
  github = await GitHubStandIn.start("acme/shop", "right");
  cloud = await Cloud.start({ port: await freePort(), home: join(folder, "cloud", "home"), keep: false });
  useLocalCloud(cloud);
  sagemaker = new SageMaker({});
  const config = {
    ...localConfig(["cdnow"], "pipelines"),
    "daybreak:serving": JSON.stringify({ trigger: "github" }),
    "daybreak:github": JSON.stringify({ repository: "acme/shop", apiUrl: github.url }),
  };
  const deployed = await deploy({
    ...{ cloud, config, stack: "dev", folder: join(folder, "deployment") },
    onProgress: () => undefined,
  });
  outputs = stackOutputs.parse(deployed.outputs);
  const found = outputs.pipelines.cdnow;
  if (found === undefined) throw new Error("the pipeline is missing in the outputs");
  pipeline = found;
});
afterAll(async () => {
  github?.stop();
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("with serving.trigger github", () => {
  test("an approval reaches GitHub once, and its workflow's step deploys the version and follows it", async () => {
    await setToken("right");
    const version = await registerVersion();
    await approve(version);
    const [dispatch] = await waitFor(() => (github.accepted.length > 0 ? github.accepted : undefined));

    expect(dispatch).toEqual({
      event_type: "deploy-model",
      client_payload: { pipeline: "cdnow", version: 1, environment: "dev", approvedAt: expect.stringMatching(/Z$/) },
    });
    const executions = async () =>
      (await new SFN({}).listExecutions({ stateMachineArn: pipeline.serveStateMachineArn })).executions ?? [];
    expect(await executions()).toEqual([]);

    const credentials = await assumeWithToken(role, subject);
    const payload = dispatch?.client_payload ?? {};
    const first = await deployModel(payload, credentials);
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({
      ...{ pipeline: "cdnow", version: 1 },
      deployment: { outcome: "deployed" },
    });
    const { EndpointStatus } = await sagemaker.describeEndpoint({ EndpointName: pipeline.endpointName });
    expect(EndpointStatus).toBe("InService");

    // The same dispatch again, as EventBridge delivers at least once; and other news of the version.
    expect(await deployModel(payload, credentials)).toMatchObject({ code: 0 });
    await sagemaker.updateModelPackage({ ModelPackageArn: version, CustomerMetadataProperties: { seen: "yes" } });
    await sleep(1000);
    expect(await executions()).toHaveLength(1);
    expect(github.answers).toEqual([204]);
  });

  test("a job of another environment or branch gets no role, and the role may do nothing else", async () => {
    for (const other of [
      "repo:acme/shop:environment:dev",
      "repo:acme/shop:ref:refs/heads/main",
      "repo:acme/other:environment:dev-models",
    ])
      await expect(assumeWithToken(role, other)).rejects.toThrow(/403/);
    const {
      AWS_ACCESS_KEY_ID = "",
      AWS_SECRET_ACCESS_KEY = "",
      AWS_SESSION_TOKEN = "",
    } = await assumeWithToken(role, subject);
    const credentials = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    };
    const sfn = new SFN({ credentials });
    const forbidden = { name: "AccessDeniedException" };
    await expect(sfn.startExecution({ stateMachineArn: pipeline.runStateMachineArn })).rejects.toMatchObject(forbidden);
    await expect(sfn.listExecutions({ stateMachineArn: pipeline.serveStateMachineArn })).rejects.toMatchObject(
      forbidden,
    );
    await expect(
      new SageMaker({ credentials }).describeEndpoint({ EndpointName: pipeline.endpointName }),
    ).rejects.toMatchObject(forbidden);
  });

  test("an approval that GitHub does not take ends in the dead-letter queue", async () => {
    await setToken("expired");
    await approve(await registerVersion());
    const sqs = new SQS({});
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: "daybreak-dev-cdnow-dead-letters" });
    const letter = await waitFor(async () => {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ["All"] });
      return Messages[0];
    });
    expect(JSON.parse(letter.Body ?? "")).toMatchObject({ client_payload: { version: 2 } });
    expect(letter.MessageAttributes?.ERROR_MESSAGE?.StringValue).toMatch(/dispatches answered 401$/);
    expect(github.accepted).toHaveLength(1);
  });
});
