/** Removes what workflows and jobs have made. What is gone already counts as removed, so that a removal can be repeated. */
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteTableCommand } from "@aws-sdk/client-glue";
import {
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DescribeEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { saysMissing } from "../../lambdas/shared/errors";
import { clients } from "../shared/clients";
import { CommandProblem, messageOf, nameOf } from "../shared/problem";
import { isMissing, type Kind, type Made } from "./made";

/** Longer than a deployment with the longest canary wait (3600 s), which cannot be interrupted. */
const endpointMinutes = 90;

const removers: Readonly<Record<Kind, (one: Made) => Promise<unknown>>> = {
  "running workflow": ({ of }) =>
    clients.stepFunctions().send(new StopExecutionCommand({ executionArn: of, cause: "daybreak teardown" })),
  endpoint: ({ name }) => removeEndpoint(name),
  "endpoint configuration": ({ name }) =>
    clients.sagemaker().send(new DeleteEndpointConfigCommand({ EndpointConfigName: name })),
  model: ({ name }) => clients.sagemaker().send(new DeleteModelCommand({ ModelName: name })),
  "model version": ({ of }) => clients.sagemaker().send(new DeleteModelPackageCommand({ ModelPackageName: of })),
  table: ({ name, of }) => clients.glue().send(new DeleteTableCommand({ DatabaseName: of, Name: name })),
};

/** Removes one resource. */
export async function remove(one: Made): Promise<void> {
  try {
    await removers[one.kind](one);
  } catch (error) {
    if (isMissing(error) || saysMissing(error)) return;
    throw new CommandProblem(
      `The ${one.kind} ${one.name} of ${one.pipeline} could not be removed: ${nameOf(error)}: ${messageOf(error)}`,
      "What was removed before it stays removed. Remedy the cause, then run the same command again.",
    );
  }
}

/** Deletes an endpoint once its status allows it, and waits until it is gone. */
async function removeEndpoint(name: string, pollMilliseconds = 500): Promise<void> {
  const until = Date.now() + endpointMinutes * 60_000;
  for (let deleting = false; Date.now() < until; await sleep(pollMilliseconds)) {
    // Throws once the endpoint is gone, which `remove` takes for success.
    const { EndpointStatus: status = "" } = await clients
      .sagemaker()
      .send(new DescribeEndpointCommand({ EndpointName: name }));
    if (deleting || /^(Creating|Updating|SystemUpdating|RollingBack|Deleting)$/.test(status)) continue;
    await clients.sagemaker().send(new DeleteEndpointCommand({ EndpointName: name }));
    deleting = true;
  }
  throw new Error(`it still exists after ${endpointMinutes} minutes`);
}
