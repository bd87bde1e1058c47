/** What `daybreak doctor --aws` wants of an account, from the program that would be deployed there. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { type Needs, needsOf, servicesOf } from "../../cli/doctor/needs";
import type { Recorded } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";
import { githubSettings, wholeProgram } from "./support/whole-program";

const shop = makeSpec("shop", {
  training: { instance_type: "ml.m5.xlarge", spot: true },
  serving: {
    instance_type: "ml.c5.large",
    instance_count: 2,
    autoscaling: { max_instances: 5, requests_per_instance: 100 },
  },
});
const fleet = makeSpec("fleet", { serving: { instance_type: "ml.c5.large", instance_count: 3 } });

describe("two pipelines", () => {
  let both: Needs;

  beforeAll(async () => {
    both = needsOf((await runStack(makeConfig([shop, fleet], { glueWorkers: 4 }))).resources);
  });

  test("need twice the most instances of each endpoint, and a job of each kind at a time", () => {
    expect(Object.fromEntries(both.quotas.map(({ quota, needed }) => [quota, needed]))).toEqual({
      // The fleet of shop may have grown to 5, that of fleet has 3.
      "ml.c5.large for endpoint usage": 2 * 5 + 2 * 3,
      "Number of instances across active endpoints": 2 * 5 + 2 * 3,
      "ml.m5.xlarge for spot training job usage": 1,
      "ml.m5.xlarge for processing job usage": 1,
      "ml.m5.large for training job usage": 1,
      "ml.m5.large for processing job usage": 1,
      // Of each pipeline the run and the checks may be at work, each with one Glue job.
      "Max concurrent job runs per account": 4,
      "Max task DPUs per account": 4 * 4,
      "Concurrent executions": expect.any(Number),
    });
  });

  test("say which workflows need it", () => {
    expect(both.quotas.find(({ quota }) => quota === "ml.c5.large for endpoint usage")).toMatchObject({
      service: "sagemaker",
      otherwise: "fails",
      why: expect.stringMatching(/^twice .*: daybreak-dev-shop-serve, daybreak-dev-fleet-serve$/),
    });
  });

  test("scale by a service-linked role, and have on-demand streams", () => {
    expect(both.linkedRoles.map(({ name }) => name)).toEqual([
      "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    ]);
    expect(both.streams).toEqual([
      { name: "daybreak-dev-shop", shards: undefined },
      { name: "daybreak-dev-fleet", shards: undefined },
    ]);
    expect(both.identityProvider).toBeUndefined();
  });
});

describe("the whole program, with models that GitHub deploys", () => {
  let resources: readonly Recorded[];

  beforeAll(async () => {
    ({ resources } = await wholeProgram({ ...githubSettings, streamShards: 3, network: "private" }));
  });

  test("needs GitHub's identity provider and API destinations", () => {
    const { linkedRoles, identityProvider, streams } = needsOf(resources);
    expect(linkedRoles.map(({ service }) => service)).toEqual([
      "sagemaker.application-autoscaling.amazonaws.com",
      "apidestinations.events.amazonaws.com",
    ]);
    expect(identityProvider).toBe("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com");
    expect(streams).toContainEqual({ name: "daybreak-dev-automatic", shards: 3 });
  });

  test("has only resources of services that AWS's public parameters name", () => {
    // As they are named in /aws/service/global-infrastructure/regions/us-east-1/services.
    expect(servicesOf(resources)).toEqual([
      ...["cloudwatch", "ec2", "events", "firehose", "glue", "kinesis", "kms", "lambda", "logs", "s3", "sagemaker"],
      ...["sagemaker-featurestore-runtime", "scheduler", "secretsmanager", "sns", "sqs", "stepfunctions"],
    ]);
  });
});
