/** teardown, against a fake account that keeps what is not deleted. */
import { DeleteTableCommand, GetTablesCommand, GlueClient } from "@aws-sdk/client-glue";
import {
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DescribeEndpointCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelPackageGroupsCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { makeProgram, report } from "../../../cli/main";
import { type CapturedOutput, captureOutput } from "./captured-output";

const [sagemaker, glue, sfn, sts] = [
  mockClient(SageMakerClient),
  mockClient(GlueClient),
  mockClient(SFNClient),
  mockClient(STSClient),
];
const failure = (name: string, message: string) => Object.assign(new Error(message), { name, $metadata: {} });
const versionArn = (pipeline: string, version: number) =>
  `arn:aws:sagemaker:us-east-1:123456789012:model-package/daybreak-dev-${pipeline}/${version}`;
const runMachine = "arn:aws:states:us-east-1:123456789012:stateMachine:daybreak-dev-shop-run";

/** What exists, by kind, in the order of its deletion in `deleted`. */
let account: Record<
  "machines" | "executions" | "endpoints" | "configs" | "models" | "groups" | "versions" | "tables",
  string[]
>;
let deleted: string[];
let endpointStatus: string[];
let printed: CapturedOutput;

function take(kind: keyof typeof account, name: string, missing: Error): object {
  if (!account[kind].includes(name)) throw missing;
  account[kind] = account[kind].filter((one) => one !== name);
  deleted.push(name);
  return {};
}

const containing = (names: string[], { NameContains = "" }) => names.filter((name) => name.includes(NameContains));

const missing = failure("ValidationException", "Could not find it");
const deleteModel = ({ ModelName }: { ModelName: string }) => take("models", ModelName, missing);

beforeEach(() => {
  account = {
    machines: [
      "daybreak-dev-shop-run",
      "daybreak-dev-shop-serve",
      "daybreak-dev-shop-monitor",
      "daybreak-dev-idle-run",
    ],
    executions: ["train-2026-03-01"],
    endpoints: ["daybreak-dev-shop", "daybreak-prod-shop", "my-daybreak-dev-shop"],
    configs: ["daybreak-dev-shop--v1-20260301050000", "daybreak-dev-shop--v2-20260401050000", "daybreak-dev-shop-vase"],
    // Of a pipeline whose stack is gone, and whose name begins with that of another.
    models: ["daybreak-dev-shop--v2-20260401050000", "daybreak-dev-shop-v1-old--v3-20260401050000"],
    groups: ["daybreak-dev-shop", "daybreak-dev-idle"],
    versions: [versionArn("shop", 1), versionArn("shop", 2)],
    tables: ["features", "raw_events"],
  };
  deleted = [];
  endpointStatus = ["InService"];
  for (const mock of [sagemaker, glue, sfn, sts]) mock.reset();
  process.env.AWS_REGION = "us-east-1";
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  sfn.on(ListStateMachinesCommand).callsFake(() => ({ stateMachines: account.machines.map((name) => ({ name })) }));
  sfn.on(ListExecutionsCommand).callsFake(({ stateMachineArn, statusFilter }) => {
    expect(statusFilter).toBe("RUNNING");
    if (!account.machines.includes(stateMachineArn.split(":").at(-1))) {
      throw failure("StateMachineDoesNotExist", "State Machine Does Not Exist");
    }
    const names = stateMachineArn === runMachine ? account.executions : [];
    return { executions: names.map((name) => ({ name, executionArn: name })) };
  });
  sfn
    .on(StopExecutionCommand)
    .callsFake(({ executionArn }) => take("executions", executionArn, failure("ExecutionDoesNotExist", "")));
  sagemaker.on(ListEndpointsCommand).callsFake((input) => ({
    Endpoints: containing(account.endpoints, input).map((EndpointName) => ({ EndpointName })),
  }));
  sagemaker.on(ListEndpointConfigsCommand).callsFake((input) => ({
    EndpointConfigs: containing(account.configs, input).map((EndpointConfigName) => ({ EndpointConfigName })),
  }));
  // A page for each model.
  sagemaker.on(ListModelsCommand).callsFake((input) => {
    const [first = "", ...rest] = containing(account.models, input).slice(Number(input.NextToken ?? 0));
    const next = rest.length > 0 ? { NextToken: String(Number(input.NextToken ?? 0) + 1) } : {};
    return first === "" ? { Models: [] } : { Models: [{ ModelName: first }], ...next };
  });
  sagemaker.on(ListModelPackageGroupsCommand).callsFake((input) => ({
    ModelPackageGroupSummaryList: containing(account.groups, input).map((ModelPackageGroupName) => ({
      ModelPackageGroupName,
    })),
  }));
  sagemaker.on(ListModelPackagesCommand).callsFake(({ ModelPackageGroupName: group }) => ({
    ModelPackageSummaryList: account.versions
      .filter((arn) => arn.includes(`/${group}/`))
      .map((ModelPackageArn) => ({ ModelPackageArn })),
  }));
  sagemaker.on(DescribeEndpointCommand).callsFake(({ EndpointName }) => {
    if (!account.endpoints.includes(EndpointName)) throw missing;
    return { EndpointStatus: endpointStatus.length > 1 ? endpointStatus.shift() : endpointStatus[0] };
  });
  sagemaker.on(DeleteEndpointCommand).callsFake(({ EndpointName }) => take("endpoints", EndpointName, missing));
  sagemaker
    .on(DeleteEndpointConfigCommand)
    .callsFake(({ EndpointConfigName }) => take("configs", EndpointConfigName, missing));
  sagemaker.on(DeleteModelCommand).callsFake(deleteModel);
  sagemaker
    .on(DeleteModelPackageCommand)
    .callsFake(({ ModelPackageName }) => take("versions", ModelPackageName, missing));
  glue.on(GetTablesCommand).callsFake(({ DatabaseName }) => {
    if (DatabaseName !== "daybreak_dev_shop") throw failure("EntityNotFoundException", "no such database");
    return {
      TableList: account.tables.map((Name) => ({
        Name,
        Parameters: Name === "raw_events" ? { classification: "json" } : { table_type: "ICEBERG" },
      })),
    };
  });
  glue.on(DeleteTableCommand).callsFake(({ Name }) => take("tables", Name, failure("EntityNotFoundException", "")));
  printed = captureOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function teardown(...args: string[]): Promise<number> {
  try {
    await makeProgram().parseAsync(["node", "daybreak", "teardown", ...args, "--aws"]);
    return 0;
  } catch (error) {
    return report(error, args.includes("--json"));
  }
}

const ofShop = [
  "train-2026-03-01",
  "daybreak-dev-shop",
  "daybreak-dev-shop--v1-20260301050000",
  "daybreak-dev-shop--v2-20260401050000",
  "daybreak-dev-shop--v2-20260401050000",
  versionArn("shop", 1),
  versionArn("shop", 2),
  "features",
];

describe("teardown", () => {
  test("removes what workflows made, running workflows first, and nothing that Pulumi or others own", async () => {
    expect(await teardown("shop", "--yes")).toBe(0);
    expect(deleted).toEqual(ofShop);
    expect(account).toMatchObject({
      endpoints: ["daybreak-prod-shop", "my-daybreak-dev-shop"],
      configs: ["daybreak-dev-shop-vase"],
      models: ["daybreak-dev-shop-v1-old--v3-20260401050000"],
      groups: ["daybreak-dev-shop", "daybreak-dev-idle"],
      tables: ["raw_events"],
    });
    expect(printed.stdout).toContain("Removed 8 resources.");
  });

  test("without a pipeline it takes the whole environment, also a pipeline that is no longer deployed", async () => {
    expect(await teardown("--yes", "--json")).toBe(0);
    expect(deleted).toHaveLength(ofShop.length + 1);
    expect(account.models).toEqual([]);
    const { removed, resources } = JSON.parse(printed.stdout);
    expect(removed).toBe(true);
    expect(resources).toContainEqual({
      pipeline: "shop-v1-old",
      kind: "model",
      name: "daybreak-dev-shop-v1-old--v3-20260401050000",
    });
  });

  test("can be repeated: what is gone is no failure, and then there is nothing to remove", async () => {
    sagemaker.on(DeleteModelCommand).callsFake((input) => {
      // As if someone else had deleted it since it was listed.
      deleteModel(input);
      throw missing;
    });
    expect(await teardown("shop", "--yes")).toBe(0);
    printed.stdout = "";
    expect(await teardown("shop", "--yes")).toBe(0);
    expect(printed.stdout).toContain("There is nothing to remove.");
  });

  test("goes on where it failed", async () => {
    sagemaker
      .on(DeleteModelCommand)
      .rejectsOnce(failure("AccessDeniedException", "not allowed"))
      .callsFake(deleteModel);
    expect(await teardown("shop", "--yes")).toBe(1);
    expect(printed.stderr).toContain(
      "The model daybreak-dev-shop--v2-20260401050000 of shop could not be removed: AccessDeniedException: not allowed",
    );
    expect(await teardown("shop", "--yes")).toBe(0);
    expect(deleted).toEqual(ofShop);
  });

  test("waits for a deployment that is under way", async () => {
    endpointStatus = ["Updating", "InService"];
    expect(await teardown("shop", "--yes")).toBe(0);
    expect(account.endpoints).not.toContain("daybreak-dev-shop");
  });

  test("without an answer it lists, and removes nothing", async () => {
    expect(await teardown("shop")).toBe(1);
    expect(printed.stderr).toMatch(/shop +endpoint +1 +daybreak-dev-shop\n/);
    expect(printed.stderr).toContain("Nothing was removed.");
    expect(printed.stderr).toContain("npx daybreak teardown shop --yes --aws");
    expect(deleted).toEqual([]);
  });

  test("--dry-run lists on stdout", async () => {
    expect(await teardown("--dry-run")).toBe(0);
    expect(printed.stdout).toMatch(/shop +model version +2 +v1, v2\n/);
    expect(deleted).toEqual([]);
  });

  test("refuses a name of which there is neither a folder nor anything left", async () => {
    expect(await teardown("shpo", "--yes")).toBe(2);
    expect(printed.stderr).toContain("There is no pipeline shpo");
    expect(deleted).toEqual([]);
  });
});
