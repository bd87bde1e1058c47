/** The Lambda's structured logger; the POWERTOOLS_* variables set its service name and level. */
import { Logger } from "@aws-lambda-powertools/logger";
import { once } from "./once";

export const logger = once(() => {
  const pipeline = process.env.DAYBREAK_PIPELINE;
  return new Logger(pipeline === undefined ? {} : { persistentLogAttributes: { pipeline } });
});
