/**
 * Starts a run in the name of who calls the Function URL. Step Functions does not tell who started an execution; Lambda tells who
 * called, and this is where separate duties begin.
 */
import { asUrlEvent, questionOf, respond, respondError, type UrlResponse } from "../serve-predict/core";
import { callerOf } from "../shared/caller";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { InvalidInput } from "../shared/errors";
import { logger } from "../shared/logger";
import { once } from "../shared/once";
import { startOnce } from "../shared/workflows";
import { executionOf } from "./core";

const setup = once(() => readEnvironment({ ...pipelineVariables, RUN_STATE_MACHINE_ARN: required }));

export async function handler(event: unknown): Promise<UrlResponse> {
  try {
    const request = asUrlEvent(event);
    if (request === undefined) throw new InvalidInput("call this function by its URL, which says who calls");
    const { name, input } = executionOf(questionOf(request), callerOf(event));
    const { executionArn } = await startOnce(setup().RUN_STATE_MACHINE_ARN, name, input);
    logger().info("Run started", { executionArn, trigger: input.trigger });
    return respond(200, { executionArn });
  } catch (error) {
    const response = respondError(error);
    if (response.statusCode >= 500) logger().error("The run could not be started", { error });
    return response;
  }
}
