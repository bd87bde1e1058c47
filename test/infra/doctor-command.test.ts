/** `daybreak doctor --environment`: the whole command, with the program that would be deployed, and an account that tells little. */
import { IAMClient } from "@aws-sdk/client-iam";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { GetDataLakeSettingsCommand, LakeFormationClient } from "@aws-sdk/client-lakeformation";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { main } from "../../cli/main";
import { environmentSettings } from "../../cli/shared/program";

const mocks = [IAMClient, KinesisClient, LakeFormationClient, ServiceQuotasClient, SSMClient, STSClient].map((client) =>
  mockClient(client as typeof STSClient),
);
const [, , lakeFormation, , , sts] = mocks;
const environment = { ...process.env };
let printed: string;

beforeEach(() => {
  const denied = Object.assign(new Error("no"), { name: "AccessDeniedException", $metadata: {} });
  for (const mock of mocks) mock.reset().onAnyCommand().rejects(denied);
  sts?.on(GetCallerIdentityCommand).resolves({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/me" });
  Object.assign(process.env, { AWS_REGION: "eu-west-1" });
  delete process.env.AWS_ENDPOINT_URL;
  printed = "";
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  process.exitCode = undefined;
});
afterAll(() => {
  for (const mock of mocks) mock.restore();
});

test("looks at the stack's region, whatever the caller's, and fails if something would stop the first deployment", async () => {
  lakeFormation?.on(GetDataLakeSettingsCommand as never).resolves({ DataLakeSettings: {} } as never);
  expect(await main(["node", "daybreak", "doctor", "--environment", "dev", "--json"])).toBe(1);
  const { region, ready, checks } = JSON.parse(printed);
  expect({ region, ready }).toEqual({ region: environmentSettings("dev")["aws:region"], ready: false });
  expect(checks).toContainEqual(expect.objectContaining({ check: "Lake Formation", state: "fails" }));
  expect(checks).toContainEqual(expect.objectContaining({ check: "Credentials", state: "notice" }));
  expect(checks).toContainEqual(expect.objectContaining({ check: "SageMaker quota", state: "not checked" }));
});
