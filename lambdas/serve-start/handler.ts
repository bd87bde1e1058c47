/** Starts the deployment workflow, once, when a model version is approved. */
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { parseAs } from "../shared/parse";
import { startOnce } from "../shared/workflows";
import { approvalEvent, decide } from "./core";

const setup = once(() =>
  readEnvironment({ ...pipelineVariables, SERVE_STATE_MACHINE_ARN: required, MODEL_PACKAGE_GROUP: required }),
);

export async function handler(rawEvent: unknown): Promise<{ executionArn?: string; ignored?: string }> {
  const environment = setup();
  const event = parseAs(approvalEvent, rawEvent, "the event of serve-start", InvalidInput);
  const decision = decide(event, environment.MODEL_PACKAGE_GROUP);
  if ("ignored" in decision) {
    logger().info("No deployment", { reason: decision.ignored, modelPackageArn: event.detail.ModelPackageArn });
    return decision;
  }
  const { name, input } = decision.deploy;
  const { executionArn, started } = await startOnce(environment.SERVE_STATE_MACHINE_ARN, name, input);
  logger().info(started ? "Deployment started" : "The deployment had already been started", { executionArn });
  return { executionArn };
}
