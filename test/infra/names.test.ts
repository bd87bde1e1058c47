import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { environmentNames, pipelineNames, role, schedule } from "../../infra/names";
import { pipelineName } from "../../spec/pipeline";

const place = { environment: "dev", region: "us-east-1", accountId: "123456789012" };

describe("names", () => {
  it("follow the documented scheme", () => {
    expect(environmentNames(place)).toMatchObject({
      lakeBucket: "daybreak-dev-lake-123456789012",
      codeBucket: "daybreak-dev-code-123456789012",
      alertTopic: "daybreak-dev-alert",
      slackSecret: "daybreak-dev/slack-webhook",
      alertSlack: "daybreak-dev-alert-slack",
    });
    expect(pipelineNames(place, "shop-churn")).toMatchObject({
      stream: "daybreak-dev-shop-churn",
      database: "daybreak_dev_shop_churn",
      featureGroup: "daybreak-dev-shop-churn",
      modelPackageGroup: "daybreak-dev-shop-churn",
      endpoint: "daybreak-dev-shop-churn",
      runMachine: "daybreak-dev-shop-churn-run",
      serveMachine: "daybreak-dev-shop-churn-serve",
      monitorMachine: "daybreak-dev-shop-churn-monitor",
    });
  });

  it("are within AWS's limits for every valid environment and pipeline name", () => {
    const environment = fc.stringMatching(/^[a-z][a-z0-9]{1,6}$/);
    const pipeline = fc
      .stringMatching(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      .filter((name) => pipelineName.safeParse(name).success);
    fc.assert(
      fc.property(environment, pipeline, (name, pipelineName) => {
        expect(() => environmentNames({ ...place, environment: name })).not.toThrow();
        expect(() => pipelineNames({ ...place, environment: name }, pipelineName)).not.toThrow();
      }),
    );
  });

  it("report which name is too long and by how many characters", () => {
    expect(() => pipelineNames(place, "p".repeat(40))).toThrow(
      /The SageMaker model name "daybreak-dev-p+--v9999-20001122334455" is 75 characters long; AWS allows 63\. Shorten .* by 12\./,
    );
    expect(() => role("r".repeat(65))).toThrow(/The IAM role name .* is 65 characters long; AWS allows 64/);
    expect(() => schedule("s".repeat(70))).toThrow(/by 6\./);
  });
});
