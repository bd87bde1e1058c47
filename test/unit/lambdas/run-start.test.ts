import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { handler } from "../../../lambdas/run-start/handler";
import { environment } from "./factories";

const workflows = mockClient(SFNClient);

beforeEach(() => {
  Object.assign(process.env, environment);
  workflows.reset();
  workflows.on(StartExecutionCommand).resolves({ executionArn: "arn:execution" } as never);
});

const session = (name: string) => `arn:aws:sts::123456789012:assumed-role/daybreak-dev-data-scientist/${name}`;
const request = { name: "train-1", mode: "train", asOf: "2026-03-09", reason: "new campaign" };

const event = (userArn: string, body: unknown = request) => ({
  requestContext: { http: { method: "POST" }, authorizer: { iam: { userArn } } },
  body: JSON.stringify(body),
});

const started = () => workflows.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);

describe("a request for a run", () => {
  it("starts the run in the name of the role's session", async () => {
    const answer = await handler(event(session("alice@example.org")));
    expect(answer).toMatchObject({ statusCode: 200, body: JSON.stringify({ executionArn: "arn:execution" }) });
    const [{ stateMachineArn, name, input = "" } = {}] = started();
    expect({ stateMachineArn, name }).toEqual({ stateMachineArn: environment.RUN_STATE_MACHINE_ARN, name: "train-1" });
    expect(JSON.parse(input)).toEqual({
      ...{ mode: "train", asOf: "2026-03-09" },
      trigger: { type: "person", actor: "alice@example.org", reason: "new campaign" },
    });
  });

  it.each([
    ["names another person", event(session("alice"), { ...request, trigger: { type: "person", actor: "bob" } })],
    ["comes from a user without a role", event("arn:aws:iam::123456789012:user/alice")],
    ["comes from root", event("arn:aws:iam::123456789012:root")],
    ["has a name that the registry would change", event(session("alice,bob"))],
    ["does not come by the URL", { ...request }],
    ["is not authenticated", { ...event(""), requestContext: { http: { method: "POST" } } }],
  ])("is refused if it %s", async (_, refused) => {
    expect(await handler(refused)).toMatchObject({ statusCode: 400 });
    expect(started()).toEqual([]);
  });
});
