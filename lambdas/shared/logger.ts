/** One structured logger for a Lambda; its service name and level come from the POWERTOOLS_* variables. */
import { Logger } from "@aws-lambda-powertools/logger";
import { once } from "./once";

export const logger = once(() => {
  const pipeline = process.env.DAYBREAK_PIPELINE;
  return new Logger(pipeline === undefined ? {} : { persistentLogAttributes: { pipeline } });
});
